// Adds the reader's own time to every instant, for whoever points at it. The pages are complete without it.
function tellLocalTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const local = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
    time.title = `${time.title.split(" = ")[0]} = ${local}`;
  }
}
document.addEventListener("DOMContentLoaded", () => tellLocalTimes(document));
document.addEventListener("htmx:afterSwap", (event) => tellLocalTimes(event.target));
