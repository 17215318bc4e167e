/** The release of TRL in whose source every setting and every name that the page tells of it was read. */
export const trlVersion = '1.9.0';
