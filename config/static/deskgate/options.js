// New Option: a value that will be kept sealed is not shown while it is typed. Without scripts it is sealed all the same.
"use strict";
{
  const form = document.getElementById("new-option");
  const [section, name, value] = ["section", "name", "value"].map((each) => form && form.elements[each]);
  const sounds = /(^|[-_. ])(password|passwd|secret|token|credential|api[-_ ]?key|private[-_ ]?key|pin)s?($|[-_. ])/i;
  if (form) {
    const declared = new Set(form.dataset.secrets.split(" "));
    const look = () => {
      const secret = declared.has(`${section.value}/${name.value}`) || sounds.test(name.value);
      value.type = secret ? "password" : "text";
    };
    section.addEventListener("input", look);
    name.addEventListener("input", look);
    look();
  }
}
