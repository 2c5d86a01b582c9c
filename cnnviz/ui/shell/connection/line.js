// The line of this page: what Streamlit says of it, and the browser, and the server when it is asked.
import { follow, lineOf, tell } from "../../core/connection.js";

/** Watches it; gives back what ends that. */
export function watchLine() {
  /** @type {HTMLElement | null} */
  const page = document.querySelector('[data-testid="stApp"]');
  const health = `${import.meta.url.split("/_stcore/")[0]}/_stcore/health`;
  const line = lineOf({
    isConnected: () => page?.dataset.testConnectionState === "CONNECTED",
    reaches: (limit) => answers(health, limit),
    ask: (type, more) => window.postMessage({ stCommVersion: 1, type, ...more }, window.location.origin),
    later: (call, after) => setTimeout(call, after),
    never: (timer) => clearTimeout(timer),
    changed: tell,
  });
  const end = follow(line);
  const observer = new MutationObserver(line.looked);
  if (page) observer.observe(page, { attributeFilter: ["data-test-connection-state"] });
  window.addEventListener("offline", line.lost);
  window.addEventListener("online", line.isBack);
  return () => {
    end();
    observer.disconnect();
    window.removeEventListener("offline", line.lost);
    window.removeEventListener("online", line.isBack);
  };
}

// a network that wants one to log in first answers everything, with something else
/** @param {string} address @param {number} limit */
async function answers(address, limit) {
  try {
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(limit) });
    return answer.ok && (await answer.text()) === "ok";
  } catch {
    return false;
  }
}
