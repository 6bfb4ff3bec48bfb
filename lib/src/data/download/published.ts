/** What a set is, whom to thank for it and what may be done with it. */
export interface About {
  readonly name: string;
  readonly description: string;
  /** To be cited where results are published. */
  readonly citation: string;
  readonly licence: string;
  /** Where its authors describe it. */
  readonly homepage: string;
}

/** A file that somebody published, whose contents are known. */
export interface PublishedFile {
  /** Its place in the folder of data: `usps/usps.bz2`. */
  readonly place: string;
  /** Addresses to try in this order; none where it only lies in folders. */
  readonly urls: readonly string[];
  /**
   * The digest of its bytes, in hexadecimal after the name of the function: `sha256:9f86d0…`. Null where its bytes may
   * change, such as those of an archive made anew: then its reader checks what is in it.
   */
  readonly digest: `${"sha256" | "sha512" | "md5"}:${string}` | null;
}
