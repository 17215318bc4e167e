/** Where implementations of an objective differ, with the version of TRL that was read where the text names none for what it says of TRL. */
export const differencesText = (text: string): string =>
  text.includes('TRL') ? `${text} What is said of TRL without a version holds of 1.9.` : text;
