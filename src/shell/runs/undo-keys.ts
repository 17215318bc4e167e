/** Undoes or redoes where a key says so; a field that is typed in has its own undo. */
export function undoByKey(event: KeyboardEvent, history: { undo(): void; redo(): void }): void {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented) return;
  if (
    event.target instanceof Element &&
    event.target.matches('textarea, [contenteditable], input:not([type=range], [type=radio], [type=checkbox])')
  )
    return;
  const key = event.key.toLowerCase();
  if (key !== 'z' && key !== 'y') return;
  event.preventDefault();
  if (key === 'y' || event.shiftKey) history.redo();
  else history.undo();
}
