import { drawPictures } from './pictures.ts';

/** Drawn as the module is imported: what the engine fetches later, Vite runs only until then. */
export const pictures = await drawPictures();
