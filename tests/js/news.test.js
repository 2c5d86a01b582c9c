import assert from "node:assert/strict";
import { test } from "node:test";
import { forget, hear, tell } from "../../cnnviz/ui/core/news.js";

test("whoever hears later hears what was said last; one listener each, until it ends", () => {
  const [who, heard] = [{}, []];
  const listen = (news) => heard.push(news);
  tell("pad", 1);
  tell("pad", 2);
  hear("pad", who, listen);
  const end = hear("pad", who, listen); // drawn anew
  tell("pad", 3);
  tell("another", 4);
  end();
  tell("pad", 5);
  assert.deepEqual(heard, [2, 2, 3]);
});

test("what is forgotten is not heard", () => {
  const heard = [];
  tell("gone", 1);
  forget("gone");
  hear("gone", {}, (news) => heard.push(news));
  assert.deepEqual(heard, []);
});
