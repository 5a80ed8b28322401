//! Smaller pictures. Every decoder gives eight bits a channel, so that the resizer is compiled for these alone: for all its kinds of pixels it
//! would be a twentieth of the server.

use fast_image_resize::pixels::{U8, U8x2, U8x3, U8x4};
use fast_image_resize::{
    FilterType, IntoImageView, IntoImageViewMut, MulDiv, PixelTrait, ResizeAlg, ResizeOptions,
    Resizer,
};
use image::DynamicImage;

use crate::RenderError;

/// Calls a function for the kind of pixels that a picture has. `None`: it has another.
macro_rules! for_pixels_of {
    ($picture:expr, $function:ident($($argument:expr),*)) => {
        match $picture {
            DynamicImage::ImageLuma8(_) => $function::<U8>($($argument),*),
            DynamicImage::ImageLumaA8(_) => $function::<U8x2>($($argument),*),
            DynamicImage::ImageRgb8(_) => $function::<U8x3>($($argument),*),
            DynamicImage::ImageRgba8(_) => $function::<U8x4>($($argument),*),
            _ => None,
        }
    };
}

/// The picture in this size.
pub fn resized(picture: &DynamicImage, size: (u32, u32)) -> Result<DynamicImage, RenderError> {
    resample(picture, size, true)
}

/// The same of a picture that is not needed any more: [`resized`] would copy it to multiply its colours by their alpha.
pub fn resized_in_place(
    mut picture: DynamicImage,
    size: (u32, u32),
) -> Result<DynamicImage, RenderError> {
    if !picture.color().has_alpha() {
        return resample(&picture, size, false);
    }
    for_pixels_of!(&picture, multiply(&mut picture)).ok_or(RenderError::Resize)?;
    let mut small = resample(&picture, size, false)?;
    for_pixels_of!(&small, divide(&mut small)).ok_or(RenderError::Resize)?;
    Ok(small)
}

fn resample(
    picture: &DynamicImage,
    (width, height): (u32, u32),
    use_alpha: bool,
) -> Result<DynamicImage, RenderError> {
    let mut small = DynamicImage::new(width, height, picture.color());
    for_pixels_of!(picture, convolve(picture, &mut small, use_alpha)).ok_or(RenderError::Resize)?;
    Ok(small)
}

fn convolve<P: PixelTrait>(
    from: &DynamicImage,
    to: &mut DynamicImage,
    use_alpha: bool,
) -> Option<()> {
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .use_alpha(use_alpha);
    let (from, mut to) = (from.image_view::<P>()?, to.image_view_mut::<P>()?);
    Resizer::new().resize_typed(&from, &mut to, &options).ok()
}

fn multiply<P: PixelTrait>(picture: &mut DynamicImage) -> Option<()> {
    let mut pixels = picture.image_view_mut::<P>()?;
    MulDiv::new().multiply_alpha_inplace_typed(&mut pixels).ok()
}

fn divide<P: PixelTrait>(picture: &mut DynamicImage) -> Option<()> {
    let mut pixels = picture.image_view_mut::<P>()?;
    MulDiv::new().divide_alpha_inplace_typed(&mut pixels).ok()
}
