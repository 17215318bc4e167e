/**
 * How many parts of a view there are: one at once, and one more each frame, from the top down. Mounting all of them at once would keep the
 * page from answering for longer than a frame.
 */
export function inTurn(parts: number): { readonly count: number } {
  let count = $state(1);
  $effect(() => {
    if (count >= parts) return;
    const frame = requestAnimationFrame(() => {
      count++;
    });
    return () => cancelAnimationFrame(frame);
  });
  return {
    get count() {
      return count;
    },
  };
}
