/** React Query tells the page about new data in a task of its own, so the page shows it in the second frame from here. */
export const afterPaint = (run: () => void): void => {
  requestAnimationFrame(() => requestAnimationFrame(run))
}
