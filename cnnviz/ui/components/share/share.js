// Copies the address of the page. Where the browser keeps the clipboard from us (plain http), shows it, selected.
export default function ({ parentElement }) {
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
