//! What the numbers of a picture mean, and the same picture in the colours of a screen: as Chromium shows it, which `tests/colours`
//! measures.

mod chunks;
mod hdr;
pub mod inks;

use std::ops::Range;

use image::{DynamicImage, RgbImage, RgbaImage};
use moxcms::{
    ColorProfile, DataColorSpace, Layout, Matrix3d, TransferCharacteristics, TransformOptions, Xyzd,
};

pub use chunks::of_png;
use hdr::Hdr;

use crate::Colour;

/// How far outside sRGB, where 1 is as far as it reaches, a full colour has to be for a picture to be called wide. Green of Adobe RGB
/// is at -0.40, that of Display P3 at -0.22, red of Display P3 at 1.22; televisions stay within 0.07.
const WIDE: f64 = 0.1;

/// D50, as profiles write it.
const WHITE: Xyzd = Xyzd {
    x: 0.964_202_88,
    y: 1.0,
    z: 0.824_905_4,
};

/// Where a profile says when it was made, and what it says there.
const MADE: Range<usize> = 24..36;
const NEW_YEAR_2000: [u8; 12] = [0x07, 0xd0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0];

/// What numbers mean.
#[derive(Debug)]
pub enum Colours {
    /// What browsers take for granted when nothing is said.
    Srgb,
    /// What a profile says: of grey, of red, green and blue, or of the inks that were mixed into these.
    Profile(Box<ColorProfile>),
    /// Light, brighter than a screen.
    Hdr(Box<Hdr>),
}

/// What a rendition is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    Srgb,
    DisplayP3,
}

impl Screen {
    pub fn profile(self) -> ColorProfile {
        let mut profile = match self {
            Self::Srgb => ColorProfile::new_srgb(),
            Self::DisplayP3 => ColorProfile::new_display_p3(),
        };
        // Says less than the rest of it, and names the white point of cinemas.
        profile.cicp = None;
        // Colours are adapted to this white.
        profile.white_point = WHITE;
        profile.media_white_point = Some(WHITE);
        profile
    }

    /// About 570 bytes, the same at any time: the encoder writes when it was made.
    pub fn icc(self) -> Option<Vec<u8>> {
        let mut icc = self.profile().encode().ok()?;
        icc.get_mut(MADE)?.copy_from_slice(&NEW_YEAR_2000);
        Some(icc)
    }
}

impl Colours {
    /// Of a profile in a file, where it is one for how the file stores colours; others are ignored.
    pub fn of_icc(profile: Option<&[u8]>, stored: Colour) -> Self {
        profile
            .and_then(parsed)
            .map_or(Self::Srgb, |profile| Self::of_profile(profile, stored))
    }

    fn of_profile(profile: ColorProfile, stored: Colour) -> Self {
        use TransferCharacteristics::{Hlg, Smpte2084};
        let is_for = match profile.color_space {
            DataColorSpace::Rgb => stored != Colour::Cmyk,
            DataColorSpace::Gray => stored == Colour::Grey,
            DataColorSpace::Cmyk => stored == Colour::Cmyk,
            _ => false,
        };
        match profile.cicp.map(|cicp| cicp.transfer_characteristics) {
            _ if !is_for => Self::Srgb,
            Some(transfer @ (Smpte2084 | Hlg)) if profile.is_matrix_shaper() => {
                Self::Hdr(Box::new(Hdr::new(profile, transfer, None)))
            }
            _ => Self::Profile(Box::new(profile)),
        }
    }

    /// The screen that shows all of it, or nearly.
    pub fn widest(&self) -> Screen {
        let profile = match self {
            Self::Hdr(_) => return Screen::DisplayP3,
            Self::Profile(profile) if profile.is_matrix_shaper() => profile,
            Self::Srgb | Self::Profile(_) => return Screen::Srgb,
        };
        let is_outside = |part: f64| !(-WIDE..=1.0 + WIDE).contains(&part);
        let Matrix3d { v } = profile.transform_matrix(&Screen::Srgb.profile());
        if v.iter().flatten().any(|part| is_outside(*part)) {
            Screen::DisplayP3
        } else {
            Screen::Srgb
        }
    }

    /// Three or four channels of 8 bits, as the screen shows them. What can't be converted stays as it is.
    pub fn shown(&self, picture: DynamicImage, screen: Screen) -> DynamicImage {
        match self {
            Self::Srgb => with_colours(picture),
            Self::Profile(profile) => {
                let picture = match profile.color_space {
                    DataColorSpace::Gray => picture,
                    DataColorSpace::Cmyk => inks::unmixed(&with_colours(picture)),
                    _ => with_colours(picture),
                };
                converted(&picture, profile, screen).unwrap_or_else(|| with_colours(picture))
            }
            Self::Hdr(hdr) => hdr.shown(with_colours(picture), screen),
        }
    }
}

/// A rendition for the wider screen, for the other one.
pub fn narrowed(picture: DynamicImage) -> DynamicImage {
    Colours::Profile(Box::new(Screen::DisplayP3.profile())).shown(picture, Screen::Srgb)
}

fn parsed(profile: &[u8]) -> Option<ColorProfile> {
    ColorProfile::new_from_slice(profile).ok()
}

/// Three or four channels of 8 bits.
fn with_colours(picture: DynamicImage) -> DynamicImage {
    if picture.color().has_alpha() {
        picture.into_rgba8().into()
    } else {
        picture.into_rgb8().into()
    }
}

fn converted(picture: &DynamicImage, from: &ColorProfile, screen: Screen) -> Option<DynamicImage> {
    let (layout, raw) = match picture {
        DynamicImage::ImageLuma8(grey) => (Layout::Gray, grey.as_raw()),
        DynamicImage::ImageLumaA8(grey) => (Layout::GrayAlpha, grey.as_raw()),
        DynamicImage::ImageRgb8(rgb) => (Layout::Rgb, rgb.as_raw()),
        DynamicImage::ImageRgba8(rgba) => (Layout::Rgba, rgba.as_raw()),
        _ => return None,
    };
    let has_alpha = picture.color().has_alpha() && from.color_space != DataColorSpace::Cmyk;
    let out = if has_alpha { Layout::Rgba } else { Layout::Rgb };
    let transform = from
        .create_transform_8bit(layout, &screen.profile(), out, TransformOptions::default())
        .ok()?;
    let mut pixels = vec![0; raw.len() / layout.channels() * out.channels()];
    transform.transform(raw, &mut pixels).ok()?;
    let (width, height) = (picture.width(), picture.height());
    if has_alpha {
        RgbaImage::from_raw(width, height, pixels).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(width, height, pixels).map(DynamicImage::from)
    }
}
