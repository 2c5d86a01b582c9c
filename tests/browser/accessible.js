// What test_accessible.py asks of a page: every element counts, those in the components' shadow trees included.
(() => {
  const inside = (one) => (one.shadowRoot ? all(one.shadowRoot) : []);
  const all = (root) => [...root.querySelectorAll("*")].flatMap((one) => [one, ...inside(one)]);
  const parent = (one) => one.parentElement ?? one.getRootNode().host ?? null;
  const chain = (one) => (one ? [one, ...chain(parent(one))] : []);
  const isSeen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 0;
  const main = () => all(document.querySelector('[data-testid="stMain"]'));
  const html = (one) => one.outerHTML.slice(0, 160);

  function focused(root = document) {
    const here = root.activeElement;
    return here?.shadowRoot ? focused(here.shadowRoot) : here;
  }

  // pictures without words, neither of their own nor of what stands around them
  function untold() {
    const isNamed = (one) => one.getAttribute("aria-label") || one.getAttribute("aria-hidden") === "true" || one.alt;
    const saysIt = (one) => isNamed(one) || /^(BUTTON|A|SUMMARY|LABEL)$/.test(one.tagName);
    const isOurs = (one) => !one.dataset.testid && !one.closest(".katex, [data-testid=stIconMaterial]");
    const pictures = main().filter((one) => /^(canvas|svg|img)$/i.test(one.tagName) && isSeen(one) && isOurs(one));
    return pictures.filter((one) => !chain(one).some(saysIt)).map(html);
  }

  // what the tab key should reach; how much that is
  function expectStops() {
    const isNatural = (one) =>
      /^(BUTTON|A|INPUT|SELECT|TEXTAREA|SUMMARY|IFRAME)$/.test(one.tagName) || one.hasAttribute("tabindex");
    const isStop = (one) => one.tabIndex >= 0 && !one.disabled && !one.closest("[inert]") && isSeen(one);
    window.stops = all(document.body).filter((one) => isStop(one) && isNatural(one));
    window.reached = new Set();
    return window.stops.length;
  }

  // an element's look, with what stands in and around it: there the focus may show
  function lookOf(here) {
    const parts = chain(here)
      .slice(0, 5)
      .flatMap((one) => [one, ...one.children].slice(0, 8));
    return parts
      .map((part) => {
        const style = getComputedStyle(part);
        const outline = style.outlineStyle === "none" ? "" : style.outlineWidth + style.outlineColor;
        return [
          outline,
          style.boxShadow,
          style.borderColor,
          style.backgroundColor,
          style.textDecoration,
          style.color,
        ].join();
      })
      .join(";");
  }

  // what has the focus, and whether it looks otherwise without; null where the page has come to its end
  async function here() {
    const one = focused();
    if (!one || one === document.body) return null;
    chain(one).forEach((outer) => window.reached.add(outer)); // the editor of a cell stands for its cell
    if (one.classList.contains("editor")) return { html: html(one), marked: true }; // it is there with the focus alone
    const during = lookOf(one);
    const end = performance.now() + 500; // Streamlit's own boxes fade
    one.blur();
    while (lookOf(one) === during && performance.now() < end) await new Promise(requestAnimationFrame);
    const marked = lookOf(one) !== during;
    one.focus({ preventScroll: true });
    return { html: html(one), marked };
  }

  // of a group of radio buttons one is a stop, and the arrow keys choose another
  function missed() {
    const group = (one) => (one.type === "radio" || one.role === "radio") && one.closest('[role="radiogroup"]');
    const passed = new Set([...window.reached].map(group));
    const left = window.stops.filter((one) => one.isConnected && !window.reached.has(one));
    return left.filter((one) => !group(one) || !passed.has(group(one))).map(html);
  }

  // what slides or fades in our own components
  function moving() {
    const isOurs = (one) => one.getRootNode() !== document;
    return main()
      .filter((one) => isOurs(one) && getComputedStyle(one).transitionDuration !== "0s")
      .map(html);
  }

  window.accessible = { untold, expectStops, here, missed, moving };
})();
