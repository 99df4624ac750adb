// Tells a Deskgate what visitors of your site do. In each page:
//   <script src="/tracker.js" data-server="https://desk.example.com/server/tracker/events" data-site="your-site-key"></script>
//   deskgate.event("AddToCart", {sku: "trail-7"});  deskgate.signIn("user@example.com", {name: "Uma"});  deskgate.signOut();
// A visit ends with the browser's window; the cookie, of your site alone, lets its other tabs share it.
window.deskgate = (() => {
  "use strict";
  const { server, site } = document.currentScript.dataset;
  const address = `${server}?site=${encodeURIComponent(site)}`;
  const MOST = 60000; // bytes of one beacon; the server takes 64 KiB

  const random = () => crypto.getRandomValues(new Uint8Array(16));
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  function guid() { // crypto.randomUUID is there on https alone
    const bytes = random();
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  function visitID() {
    const found = document.cookie.match(/(?:^|; )deskgate_visit=([0-9a-f-]{36})/);
    const id = found ? found[1] : guid();
    document.cookie = `deskgate_visit=${id}; path=/; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;
    return id;
  }

  const visit = visitID();
  let page = "";

  function told(eventName, data, more) {
    // Without what stands behind ? and #: addresses of pages hold what nobody meant to keep.
    const url = location.origin + location.pathname;
    const eventID = guid(); // sent again, it changes nothing
    return { visitID: visit, eventID, eventName, timestamp: Date.now(), browserPageID: page, url, data, ...more };
  }

  function send(event) {
    const body = JSON.stringify(event);
    // As text/plain a beacon needs no preflight, for which a page that is being left has no time.
    if (body.length < MOST && navigator.sendBeacon(address, body)) return Promise.resolve(true);
    return fetch(address, { method: "POST", body, credentials: "omit" }).then((answer) => answer.ok, () => false);
  }

  const event = (name, data = {}) => send(told(name, data, { eventType: "BUSINESS" }));
  const signIn = (userID, data = {}) => send(told("SignIn", { ...data, userID }));
  const signOut = () => send(told("SignOut"));

  function entered() {
    page = hex(random()).toUpperCase(); // coming back is another page
    send(told("PageEntered", undefined, { title: document.title.slice(0, 500) }));
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", entered);
  else entered();
  addEventListener("pageshow", (shown) => { if (shown.persisted) entered(); });
  addEventListener("pagehide", () => { send(told("PageExited")); });
  return { event, signIn, signOut, visit };
})();
