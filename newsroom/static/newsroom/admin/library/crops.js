"use strict";
/* Which part of a picture a crop shows: crop_box of articles/renditions.py, number for number. */
{
  const Library = (window.Library ??= {});

  /* As Python rounds: a half goes to the even number. */
  const rounded = (value) => {
    const low = Math.floor(value);
    const rest = value - low;
    return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
  };
  const between = (low, value, high) => Math.min(Math.max(low, value), high);

  /* Files are cut in steps of a hundredth. */
  Library.hundredths = (value) => between(0, rounded(value * 100), 100);

  /* [left, top, right, bottom] in pixels of the original; `x` and `y` from 0 to 1. */
  Library.cropBox = (width, height, across, down, x, y) => {
    const boxWidth = Math.max(1, Math.min(width, rounded((height * across) / down)));
    const boxHeight = Math.max(1, Math.min(height, rounded((width * down) / across)));
    const left = Math.min(Math.max(0, rounded(width * x - boxWidth / 2)), width - boxWidth);
    const top = Math.min(Math.max(0, rounded(height * y - boxHeight / 2)), height - boxHeight);
    return [left, top, left + boxWidth, top + boxHeight];
  };

  /* The object-position, in percent, with which `object-fit: cover` shows this box. */
  Library.position = ([left, top, right, bottom], width, height) => {
    const share = (from, room) => (room > 0 ? (from / room) * 100 : 50);
    return [share(left, width - (right - left)), share(top, height - (bottom - top))];
  };
}
