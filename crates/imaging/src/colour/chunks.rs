//! What the chunks of a PNG say of its colours. The first of cICP, iCCP, sRGB and gAMA that can be understood counts, as in Chromium.

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile,
    MatrixCoefficients, ToneReprCurve, TransferCharacteristics, XyY,
};
use png::{Info, ScaledFloat, SourceChromaticities};

use super::hdr::Hdr;
use super::{Colours, parsed};
use crate::Colour;

/// What gAMA says of sRGB. As far as a twentieth from it, it is taken for that.
const GAMMA_OF_SRGB: f32 = 0.45455;

/// Of the header, for colours that are stored like that.
pub fn of_png(info: &Info<'_>, stored: Colour) -> Colours {
    if let Some(colours) = of_code_points(info) {
        return colours;
    }
    if let Some(profile) = info.icc_profile.as_deref().and_then(parsed) {
        return Colours::of_profile(profile, stored);
    }
    if info.srgb.is_some() {
        return Colours::Srgb;
    }
    info.gama_chunk
        .and_then(|gamma| of_gamma(gamma.into_value(), info.chrm_chunk))
        .unwrap_or(Colours::Srgb)
}

/// cICP, of the whole range, with light that browsers know.
fn of_code_points(info: &Info<'_>) -> Option<Colours> {
    use TransferCharacteristics as Light;
    let points = info
        .coding_independent_code_points
        .filter(|points| points.is_video_full_range_image && points.matrix_coefficients == 0)?;
    let transfer = Light::try_from(points.transfer_function).ok()?;
    let primaries = CicpColorPrimaries::try_from(points.color_primaries).ok()?;
    let cicp = |transfer_characteristics| CicpProfile {
        color_primaries: primaries,
        transfer_characteristics,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    };
    let mut profile = match transfer {
        Light::Log100 | Light::Log100sqrt10 | Light::Bt1361 => return None,
        transfer => ColorProfile::new_from_cicp(cicp(transfer)),
    };
    if !is_whole(&profile) {
        return None;
    }
    match transfer {
        Light::Smpte2084 | Light::Hlg => {
            return Some(Colours::Hdr(Box::new(Hdr::new(
                profile,
                transfer,
                brightest(info),
            ))));
        }
        // Cameras for television bend light by their own curves, screens by this one (BT.1886).
        Light::Bt709 | Light::Bt601 | Light::Bt202010bit | Light::Bt202012bit | Light::Iec61966 => {
            bend(&mut profile, 2.4);
        }
        _ => {}
    }
    Some(Colours::Profile(Box::new(profile)))
}

/// The same curve for all three.
fn bend(profile: &mut ColorProfile, gamma: f32) {
    let curve = ToneReprCurve::Parametric(vec![gamma]);
    profile.cicp = None;
    profile.red_trc = Some(curve.clone());
    profile.green_trc = Some(curve.clone());
    profile.blue_trc = Some(curve);
}

/// Whether its primaries span colours: points on one line do not, nor do points at infinity.
fn is_whole(profile: &ColorProfile) -> bool {
    profile.is_matrix_shaper()
        && profile
            .colorant_matrix()
            .determinant()
            .is_some_and(|spanned| spanned.abs() > 1e-6)
}

/// The declared peak brightness, candelas per square metre.
fn brightest(info: &Info<'_>) -> Option<f32> {
    let content = info
        .content_light_level
        .map(|level| level.max_content_light_level);
    let screen = info
        .mastering_display_color_volume
        .map(|volume| volume.max_luminance);
    // In ten-thousandths; more than sixteen bits of it make no difference.
    let whole = |light: u32| f32::from(u16::try_from(light / 10_000).unwrap_or(u16::MAX));
    content
        .filter(|light| *light > 0)
        .or(screen)
        .map(whole)
        .filter(|light| *light > 0.0)
}

/// gAMA, with cHRM where it is there: that alone says nothing.
fn of_gamma(gamma: f32, primaries: Option<SourceChromaticities>) -> Option<Colours> {
    if gamma <= 0.0 || (primaries.is_none() && (gamma / GAMMA_OF_SRGB - 1.0).abs() <= 0.05) {
        return None;
    }
    let mut profile = ColorProfile::new_srgb();
    if let Some(primaries) = primaries {
        let point =
            |(x, y): (ScaledFloat, ScaledFloat)| Chromaticity::new(x.into_value(), y.into_value());
        let [white, red, green, blue] = [
            primaries.white,
            primaries.red,
            primaries.green,
            primaries.blue,
        ]
        .map(point);
        profile.update_rgb_colorimetry(
            XyY::new(white.x.into(), white.y.into(), 1.0),
            ColorPrimaries { red, green, blue },
        );
        if !is_whole(&profile) {
            return None;
        }
    }
    bend(&mut profile, (1.0 / gamma).clamp(0.01, 100.0));
    Some(Colours::Profile(Box::new(profile)))
}
