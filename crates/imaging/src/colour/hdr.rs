//! Pictures of light, made darker for a screen as Chromium does it: in the primaries of BT.2020, by a curve over the strongest of the three
//! that keeps the half of what is darker than paper, and bends where it is brighter ("reference white tone mapping", SMPTE ST 2094-50).

use image::DynamicImage;
use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, Matrix3f, MatrixCoefficients,
    TransferCharacteristics, Vector3f,
};

use super::Screen;

/// Paper, in candelas per square metre, and the brightest light where nothing is said.
const WHITE: f32 = 203.0;
const BRIGHTEST: f32 = 1000.0;
/// Of hybrid log-gamma: what a screen of that brightness makes of the light of a scene.
const SCREEN_GAMMA: f32 = 1.2;
/// How much of BT.2020's light is of each of its primaries.
const LIGHT: [f32; 3] = [0.2627, 0.6780, 0.0593];
/// Where the bend bows to, between its ends.
const BOW: f32 = 0.65;
/// Steps of light before it is rounded to 8 bits.
const STEPS: u16 = 16_384;

/// What its numbers mean.
#[derive(Debug)]
pub struct Hdr {
    profile: ColorProfile,
    transfer: TransferCharacteristics,
    curve: Curve,
}

impl Hdr {
    /// `brightest` in candelas per square metre.
    pub fn new(
        profile: ColorProfile,
        transfer: TransferCharacteristics,
        brightest: Option<f32>,
    ) -> Self {
        Self {
            profile,
            transfer,
            curve: Curve::new(brightest.unwrap_or(BRIGHTEST)),
        }
    }

    /// Of three or four channels.
    pub fn shown(&self, mut picture: DynamicImage, screen: Screen) -> DynamicImage {
        let wide = ColorProfile::new_from_cicp(CicpProfile {
            color_primaries: CicpColorPrimaries::Bt2020,
            transfer_characteristics: TransferCharacteristics::Linear,
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        });
        let light: [f32; 256] = std::array::from_fn(|number| self.light(number));
        let numbers: Vec<u8> = (0..=STEPS)
            .map(|step| number(f32::from(step) / f32::from(STEPS)))
            .collect();
        let to_wide = self.profile.transform_matrix(&wide).to_f32();
        let to_screen = wide.transform_matrix(&screen.profile()).to_f32();
        let convert = |pixel: &mut [u8; 3]| {
            let shown = self.shown_light(
                pixel.map(|part| light[usize::from(part)]),
                to_wide,
                to_screen,
            );
            *pixel = shown.map(|part| numbers.get(step(part)).copied().unwrap_or(255));
        };
        match &mut picture {
            DynamicImage::ImageRgb8(rgb) => {
                rgb.pixels_mut().for_each(|pixel| convert(&mut pixel.0));
            }
            DynamicImage::ImageRgba8(rgba) => rgba.pixels_mut().for_each(|pixel| {
                let [red, green, blue, alpha] = pixel.0;
                let mut colour = [red, green, blue];
                convert(&mut colour);
                pixel.0 = [colour[0], colour[1], colour[2], alpha];
            }),
            _ => {}
        }
        picture
    }

    /// Of a number, where paper is 1; of hybrid log-gamma, light of the scene, to 1.
    fn light(&self, number: usize) -> f32 {
        let number = f32::from(u8::try_from(number).unwrap_or(255)) / 255.0;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "more digits are not told apart"
        )]
        let light = self.transfer.linearize(f64::from(number)) as f32;
        match self.transfer {
            TransferCharacteristics::Hlg => light.powf(1.0 / SCREEN_GAMMA),
            _ => light * 10_000.0 / WHITE,
        }
    }

    /// From primaries to primaries, darkened between. Not yet inside of what the screen can show.
    fn shown_light(&self, light: [f32; 3], to_wide: Matrix3f, to_screen: Matrix3f) -> [f32; 3] {
        let mut wide = to_wide.f_mul_vector(Vector3f { v: light }).v;
        if self.transfer == TransferCharacteristics::Hlg {
            let all: f32 = wide
                .iter()
                .zip(LIGHT)
                .map(|(part, weight)| part * weight)
                .sum();
            let gain = all.max(0.0).powf(SCREEN_GAMMA - 1.0) * BRIGHTEST / WHITE;
            wide = wide.map(|part| part * gain);
        }
        let strongest = wide.iter().copied().fold(0.0, f32::max);
        let gain = if strongest > 0.0 {
            self.curve.at(strongest) / strongest
        } else {
            1.0
        };
        to_screen
            .f_mul_vector(Vector3f {
                v: wide.map(|part| part * gain),
            })
            .v
    }
}

/// A line from black to paper, then a quadratic Bézier curve to the brightest light, which becomes the screen's white.
#[derive(Debug)]
struct Curve {
    /// What the brightest light is, where paper is 1.
    brightest: f32,
    /// What becomes of paper.
    white: f32,
}

impl Curve {
    fn new(brightest: f32) -> Self {
        let brightest = (brightest / WHITE).max(1.0);
        Self {
            brightest,
            white: 1.0 - 0.5 * (brightest.log2() / (BRIGHTEST / WHITE).log2()).min(1.0),
        }
    }

    fn at(&self, light: f32) -> f32 {
        if light <= 1.0 {
            return light * self.white;
        }
        if light >= self.brightest {
            return 1.0;
        }
        // Where both ends' tangents would lead, were the last one level: the bow is between.
        let middle = (1.0 - BOW + BOW / self.white, (1.0 - BOW) * self.white + BOW);
        let (square, line) = (
            1.0 - 2.0 * middle.0 + self.brightest,
            2.0 * (middle.0 - 1.0),
        );
        let along = if square.abs() < 1e-4 {
            (light - 1.0) / line
        } else {
            ((line * line - 4.0 * square * (1.0 - light)).max(0.0).sqrt() - line) / (2.0 * square)
        };
        let left = 1.0 - along;
        left * left * self.white + 2.0 * along * left * middle.1 + along * along
    }
}

/// Of light inside the screen's range, on the curve of sRGB.
fn number(light: f32) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 0 and 255"
    )]
    let number = (TransferCharacteristics::Srgb.gamma(f64::from(light)) * 255.0).round() as u8;
    number
}

fn step(light: f32) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 0 and STEPS"
    )]
    let step = (light.clamp(0.0, 1.0) * f32::from(STEPS)).round() as usize;
    step
}

#[cfg(test)]
mod tests {
    use super::Curve;

    #[test]
    fn light_darker_than_paper_is_halved_and_the_brightest_is_white() {
        let curve = Curve::new(1000.0);
        assert!((curve.at(0.5) - 0.25).abs() < 0.001);
        assert!(curve.at(1000.0 / 203.0) > 0.999 && curve.at(100.0) > 0.999);
        let steps: Vec<_> = (0_u8..100)
            .map(|step| curve.at(f32::from(step) / 20.0))
            .collect();
        assert!(steps.is_sorted());
        // What is no brighter than paper stays as it is.
        assert!((Curve::new(100.0).at(0.7) - 0.7).abs() < 0.001);
    }
}
