// The token by which this browser is known again. It stays in the browser's own storage and goes to the server alone.

/** @import { Context } from "../../core/base.js" */

/** @typedef {{ known: boolean }} Data whether this connection has sent it */
/** @typedef {Pick<Storage, "getItem" | "setItem">} Kept */

const NAME = "cnnviz-session";
const TOKEN = /^[0-9a-f]{32}$/;

/** @param {Uint8Array} bytes */
const written = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * The token that is kept, made where there is none; null where the browser keeps nothing for us, as in a private window
 * or in another site's frame: what cannot be kept would make no browser known again.
 * @param {() => Kept} storage
 */
export function token(storage) {
  try {
    const kept = storage();
    if (!TOKEN.test(kept.getItem(NAME) ?? "")) {
      kept.setItem(NAME, written(crypto.getRandomValues(new Uint8Array(16))));
    }
    const own = kept.getItem(NAME);
    return own && TOKEN.test(own) ? own : null;
  } catch {
    return null;
  }
}

/** @param {Context<Data>} context */
export function mount({ data, setTriggerValue }) {
  const own = data.known ? null : token(() => localStorage);
  if (own) setTriggerValue("token", own);
}
