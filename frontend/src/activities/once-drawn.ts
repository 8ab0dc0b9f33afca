/** What came is told to the page in a task of its own: it is drawn by the second frame from here. */
export const onceDrawn = (run: () => void): void => {
  requestAnimationFrame(() => requestAnimationFrame(run))
}
