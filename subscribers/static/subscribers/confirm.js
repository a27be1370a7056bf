// Presses the button by itself in the browser that sent the form. Mail scanners do not have its mark; whoever
// opens the link elsewhere presses by hand.

const MARKS = "newsletter-marks"; // written by form.js
const form = document.querySelector("form[data-mark]");

// A page that is only prepared in case somebody opens it waits until somebody does.
if (document.prerendering) document.addEventListener("prerenderingchange", press, { once: true });
else press();

function press() {
  if (form && takeMark(form.dataset.mark)) form.requestSubmit();
}

// Each mark presses once, so that a page that is opened again shows what became of it.
function takeMark(mark) {
  try {
    const marks = JSON.parse(localStorage.getItem(MARKS) || "[]");
    if (!marks.includes(mark)) return false;
    localStorage.setItem(MARKS, JSON.stringify(marks.filter((other) => other !== mark)));
    return true;
  } catch {
    return false;
  }
}
