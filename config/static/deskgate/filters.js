// A filter chosen by typing is applied at once; without script the button beside it does.
"use strict";
(function () {
  const $ = window.django && window.django.jQuery;
  if (!$) { return; }
  $(function () {
    $(".dg-filter-form button").prop("hidden", true);
    $(".dg-filter").on("change", function () { this.form.submit(); });
  });
})();
