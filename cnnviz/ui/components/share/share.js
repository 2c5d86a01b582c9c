const opened = new WeakSet();

// on a phone the menu lies over the page; Streamlit leaves it open when a page was chosen in it
function closeMenu() {
  const button = document.querySelector('[data-testid="stSidebarCollapseButton"] button[aria-expanded="true"]');
  if (button && window.matchMedia("(max-width: 768px)").matches) button.click();
}

// Copies the address of the page. Where the browser keeps the clipboard from us (plain http), shows it, selected.
export default function ({ parentElement }) {
  if (!opened.has(parentElement)) closeMenu();
  opened.add(parentElement);
  const button = parentElement.querySelector(".share");
  const address = parentElement.querySelector(".address");
  const said = parentElement.querySelector(".said");
  const say = (text) => {
    button.textContent = text;
    said.textContent = text;
    clearTimeout(button.timer);
    button.timer = setTimeout(() => { button.textContent = "Copy link"; said.textContent = ""; }, 2000);
  };
  button.onclick = async () => {
    const link = window.location.href;
    try {
      await navigator.clipboard.writeText(link);
      say("Link copied");
    } catch {
      address.value = link;
      address.hidden = false;
      address.select();
      say("Press Ctrl+C");
    }
  };
  address.onkeydown = (event) => event.stopPropagation();
  return () => clearTimeout(button.timer);
}
