declare module 'virtual:notebooks' {
  /** the notebooks of this site, in alphabetical order */
  export const notebooks: readonly { name: string; title: string; question: string }[];
}
