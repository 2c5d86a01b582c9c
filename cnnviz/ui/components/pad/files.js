// A picture that is dropped on the pad or chosen: its bytes go to Python, which decodes them.
function bring(pad, file) {
  if (!file || !pad.files) return;
  if (file.size > pad.most) { pad.trigger("file", { name: file.name, size: file.size }); return; }
  const reader = new FileReader();
  reader.onload = () => pad.trigger("file", { name: file.name, size: file.size, bytes: reader.result.split(",")[1] ?? "" });
  reader.onerror = () => pad.trigger("file", { name: file.name, size: 0, bytes: "" });
  reader.readAsDataURL(file);
}

export function takeFiles(pad, find) {
  const chooser = find(".file");
  find(".picture").onclick = () => chooser.click();
  chooser.onchange = () => { bring(pad, chooser.files[0]); chooser.value = ""; };
  const over = (is) => (event) => { event.preventDefault(); pad.root.classList.toggle("over", is); };
  pad.root.ondragover = over(true);
  pad.root.ondragleave = over(false);
  pad.root.ondrop = (event) => { over(false)(event); bring(pad, event.dataTransfer.files[0]); };
}
