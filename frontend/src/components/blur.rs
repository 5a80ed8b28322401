//! `ThumbHash`: a blur of a picture in some 25 bytes, shown while the thumbnail loads.
//! <https://evanw.github.io/thumbhash/>

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use crate::watch::watch;

/// A blur, stretched over its parent by the style sheet.
#[component]
pub fn Blur(hash: String) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    watch(move || {
        if let Some(canvas) = canvas.get() {
            paint(&canvas, &hash);
        }
    });
    view! { <canvas node_ref=canvas class="blur" width="32" height="32" aria-hidden="true"></canvas> }
}

/// Paints `hash` (base64) onto a canvas and gives it the blur's size. An invalid hash leaves the canvas empty.
fn paint(canvas: &HtmlCanvasElement, hash: &str) -> Option<()> {
    let bytes: Vec<u8> = window()
        .atob(hash)
        .ok()?
        .chars()
        .filter_map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    let (width, height, pixels) = thumbhash::thumb_hash_to_rgba(&bytes).ok()?;
    let (width, height) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    canvas.set_width(width);
    canvas.set_height(height);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixels), width, height).ok()?;
    context.put_image_data(&data, 0.0, 0.0).ok()
}
