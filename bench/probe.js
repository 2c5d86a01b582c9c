// Runs inside the page: how long from an input event until what it changes has been painted.
(() => {
  function* roots(node = document) {
    yield node;
    for (const child of node.querySelectorAll("*")) if (child.shadowRoot) yield* roots(child.shadowRoot);
  }

  function find(selector) {
    for (const root of roots()) {
      const found = root.querySelector(selector);
      if (found) return found;
    }
    throw new Error(`nothing on the page is ${selector}`);
  }

  // the frame that is due is painted before a task that its callback asks for begins; one that blocks the user comes
  // before the timers that are due
  const painted = () =>
    new Promise((resolve) =>
      requestAnimationFrame(() => {
        scheduler.postTask(() => resolve(performance.now()), { priority: "user-blocking" });
      }),
    );

  // the time of the paint that follows `holds()`, which is asked whenever something changes within `root`
  let forget = () => {};
  const paintOf = (root, holds, giveUp) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(giveUp)), 20000);
      const observer = new MutationObserver(async () => {
        if (!holds()) return;
        observer.disconnect();
        clearTimeout(late);
        resolve(await painted());
      });
      observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
      const before = forget;
      forget = () => {
        before();
        observer.disconnect();
        clearTimeout(late);
      };
    });

  // Wait for one `event` and for what `selector` finds inside `stage` to read differently; then for the paint:
  // `measured`. `confirmed` is when, besides, the server has answered and nothing in it is provisional any more.
  function arm(event, stage, selector) {
    forget();
    forget = () => {};
    const root = find(stage).getRootNode();
    const read = () =>
      [...root.querySelectorAll(selector)]
        .map((cell) => [cell.dataset.plane, cell.dataset.row, cell.dataset.col, cell.textContent].join(" "))
        .join("\n");
    const before = read();
    let start;
    const begin = () => (start ??= performance.now());
    // pointerover does not leave a shadow root, and a widget's click is outside of the stage's
    for (const place of [window, root]) place.addEventListener(event, begin, { capture: true, once: true });
    const isShown = () => start !== undefined && read() !== before;
    const isConfirmed = () => isShown() && window.heardAt > start && !root.querySelector("[data-provisional]");
    const since = (holds, giveUp) => {
      const found = paintOf(root, holds, `${event}: ${selector} ${giveUp}`).then((time) => time - start);
      found.catch(() => {}); // whoever awaits it sees the error
      return found;
    };
    window.measured = since(isShown, "did not change");
    window.confirmed = since(isConfirmed, "was not confirmed");
  }

  window.probe = { arm };
})();
