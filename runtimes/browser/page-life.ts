/** When a page comes back, and when it goes. @module */

/** After sleep, and on another network, connections are dead without having been closed. */
export function onWake(woken: () => void): () => void {
  const shown = (): void => {
    if (document.visibilityState === "visible") woken();
  };
  window.addEventListener("online", woken);
  window.addEventListener("pageshow", woken);
  document.addEventListener("visibilitychange", shown);
  document.addEventListener("resume", woken);
  return () => {
    window.removeEventListener("online", woken);
    window.removeEventListener("pageshow", woken);
    document.removeEventListener("visibilitychange", shown);
    document.removeEventListener("resume", woken);
  };
}

/** A page that is closed or put aside does nothing more after these. */
export function onLeave(left: () => void): () => void {
  window.addEventListener("pagehide", left);
  document.addEventListener("freeze", left);
  return () => {
    window.removeEventListener("pagehide", left);
    document.removeEventListener("freeze", left);
  };
}
