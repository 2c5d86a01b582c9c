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

  // the frame that is due is painted before the message that its callback sends arrives
  const painted = () =>
    new Promise((resolve) =>
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve(performance.now());
        channel.port2.postMessage(null);
      }),
    );

  // Wait for one `event` and for what `selector` finds inside `stage` to read differently; then for the paint.
  function arm(event, stage, selector) {
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
    window.measured = new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => reject(new Error(`${event}: ${selector} did not change in 5 s`)), 5000);
      const observer = new MutationObserver(async () => {
        if (start === undefined || read() === before) return;
        observer.disconnect();
        clearTimeout(giveUp);
        resolve((await painted()) - start);
      });
      observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
    });
    window.measured.catch(() => {}); // whoever awaits it sees the error
  }

  window.probe = { arm };
})();
