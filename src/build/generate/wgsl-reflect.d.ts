// The package's `main` is a bundle without exports in Node; its ES module has no types of its own.
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
