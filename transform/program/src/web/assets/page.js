// The parts of the page are fetched anew now and then. One in which somebody reads or
// types stays as it is.
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.target;
  if (!part.classList.contains("part")) return;
  const isRead = part.contains(document.activeElement) || part.querySelector("details[open]");
  if (isRead || document.hidden) event.preventDefault();
});
