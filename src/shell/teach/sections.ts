/** What is under the title of an open section is there: some of it is fetched first. */
export function isFilled(section: HTMLDetailsElement): boolean {
  if (!section.open) return false;
  const inside = [...section.children].filter(({ localName }) => localName !== 'summary');
  return inside.some((part) => part.textContent.trim() !== '') && section.querySelector('[aria-busy="true"]') === null;
}
