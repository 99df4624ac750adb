// A button that copies the field it names. Without script the field is selected by hand: the buttons stay hidden.
"use strict";
(function () {
  const said = document.getElementById("copied");

  // Over plain HTTP from another machine there is no navigator.clipboard.
  function byHand(field) {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }

  async function copy(field) {
    if (!navigator.clipboard) { return byHand(field); }
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch {
      return byHand(field);
    }
  }

  for (const button of document.querySelectorAll("button[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    const label = button.textContent;
    button.hidden = false;
    field.addEventListener("focus", () => field.select());
    button.addEventListener("click", async () => {
      const done = await copy(field);
      button.textContent = done ? "Copied" : "Press Ctrl+C";
      if (said) { said.textContent = done ? field.dataset.name + " copied." : "Press Ctrl+C to copy."; }
      setTimeout(() => { button.textContent = label; }, 2500);
    });
  }
})();
