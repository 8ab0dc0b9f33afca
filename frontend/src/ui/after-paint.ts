/** React Query tells the page about new data in a later task, so the data is on the screen two frames from here. */
export const afterPaint = (run: () => void): void => {
  requestAnimationFrame(() => requestAnimationFrame(run))
}
