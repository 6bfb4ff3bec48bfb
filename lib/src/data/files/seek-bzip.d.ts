declare module "seek-bzip" {
  const bzip: {
    /** The contents of a bzip2 file. */
    decode(file: Uint8Array): Uint8Array;
  };
  export default bzip;
}
