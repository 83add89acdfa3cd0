/**
 * The newest point release of each line that the data knows: what `6.12` without a point means.
 *
 * Source: the announcements on kernel.org; lines that are still maintained stand at the release
 * whose behaviour the data describes.
 */
export const NEWEST_POINT: { readonly [line: string]: number } = {
  "5.8": 18,
  "5.9": 16,
  "5.10": 262,
  "5.11": 22,
  "5.12": 19,
  "5.13": 19,
  "5.14": 21,
  "5.15": 210,
  "5.16": 20,
  "5.17": 15,
  "5.18": 19,
  "5.19": 17,
  "6.0": 19,
  "6.1": 192,
  "6.2": 16,
  "6.3": 13,
  "6.4": 16,
  "6.5": 13,
  "6.6": 139,
  "6.7": 12,
  "6.8": 12,
  "6.9": 12,
  "6.10": 14,
  "6.11": 11,
  "6.12": 117,
  "6.13": 12,
  "6.14": 11,
  "6.15": 11,
  "6.16": 12,
  "6.17": 13,
  "6.18": 44,
  "6.19": 14,
  "7.0": 13,
  "7.1": 13,
  "7.2": 13,
  "7.3": 4,
};
