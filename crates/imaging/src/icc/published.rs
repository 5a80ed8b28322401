//! Profiles known as a whole: the smallest ones, which image libraries embed. In them one tag's data are part of another's, so the parts
//! can't be separated.

use crate::bytes::CHECKSUM;

/// How many bytes they have, and their CRC-32: of <https://github.com/saucecontrol/Compact-ICC-Profiles>, those of version 2.
#[rustfmt::skip]
const PUBLISHED: &[(usize, u32)] = &[
    (736, 0x2fba_95d9), // sRGB-v2-magic
    (456, 0xc8e6_719d), // sRGB-v2-micro
    (410, 0x695a_929f), // sRGB-v2-nano
    (616, 0x0049_25ca), // sGrey-v2-magic
    (336, 0x3926_3ea4), // sGrey-v2-micro
    (290, 0x3bfc_11ab), // sGrey-v2-nano
    (736, 0xd389_8c91), // DisplayP3-v2-magic
    (456, 0xcb2b_375f), // DisplayP3-v2-micro
    (736, 0x55d5_0dcd), // DisplayP3Compat-v2-magic
    (456, 0xa1be_2fe0), // DisplayP3Compat-v2-micro
    (374, 0xe09d_d636), // AdobeCompat-v2
    (756, 0x7d62_0da5), // ProPhoto-v2-magic
    (496, 0xdf2a_c337), // ProPhoto-v2-micro
    (8464, 0x97b9_506b), // CGATS001Compat-v2-micro
];

pub fn is_published(profile: &[u8]) -> bool {
    let has_size = PUBLISHED.iter().any(|(size, _)| *size == profile.len());
    has_size && PUBLISHED.contains(&(profile.len(), CHECKSUM.checksum(profile)))
}
