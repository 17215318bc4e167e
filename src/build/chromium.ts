import { findChromium } from './find-chromium.mjs';

const executablePath = findChromium();

/** How tests start Chromium: headless, WebGPU on the software adapter, so that every machine computes the same. */
export const launchOptions = {
  ...(executablePath ? { executablePath } : {}),
  args: [
    '--no-sandbox',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-quic',
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    // Without these three, drawing to a WebGPU canvas ends the GPU process (the device is lost).
    '--enable-features=Vulkan',
    '--use-vulkan=swiftshader',
    '--use-angle=swiftshader',
    // Two cores draw the page faster than they emulate a GPU that draws it.
    '--disable-gpu-compositing',
    '--disable-gpu-rasterization',
  ],
};
