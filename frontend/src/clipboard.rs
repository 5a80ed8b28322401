//! Copying text, also where `navigator.clipboard` is missing (plain http outside localhost).

use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, HtmlDocument, HtmlImageElement,
    HtmlTextAreaElement,
};

/// Copies `text`; false if the browser allows neither way.
pub async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    let modern = js_sys::Reflect::has(&navigator, &JsValue::from_str("clipboard")).unwrap_or(false)
        && js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"))
            .is_ok_and(|found| found.is_object());
    if modern
        && JsFuture::from(navigator.clipboard().write_text(text))
            .await
            .is_ok()
    {
        return true;
    }
    copy_by_selection(text).unwrap_or(false)
}

/// Copies a picture as PNG, the one type that every browser takes. `Err`: the browser has no such clipboard, or the picture did not load.
pub async fn copy_picture(link: &str) -> Result<(), JsValue> {
    let png = as_png(link).await?;
    let items = Object::new();
    Reflect::set(&items, &"image/png".into(), &png)?;
    let kind: Function = Reflect::get(&js_sys::global(), &"ClipboardItem".into())?.dyn_into()?;
    let item = Reflect::construct(&kind, &Array::of1(&items))?;
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into())?;
    let write: Function = Reflect::get(&clipboard, &"write".into())?.dyn_into()?;
    let written: Promise = write.call1(&clipboard, &Array::of1(&item))?.dyn_into()?;
    JsFuture::from(written).await.map(drop)
}

/// The picture drawn anew: a `Blob`.
async fn as_png(link: &str) -> Result<JsValue, JsValue> {
    let picture = HtmlImageElement::new()?;
    picture.set_cross_origin(Some("anonymous"));
    // The browser may have it without the permission to read it.
    let separator = if link.contains('?') { "&" } else { "?" };
    picture.set_src(&[link, separator, "copy"].concat());
    JsFuture::from(picture.decode()).await?;
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.dyn_into()?;
    canvas.set_width(picture.natural_width());
    canvas.set_height(picture.natural_height());
    let context: CanvasRenderingContext2d =
        canvas.get_context("2d")?.ok_or(JsValue::NULL)?.dyn_into()?;
    context.draw_image_with_html_image_element(&picture, 0.0, 0.0)?;
    let blob = Promise::new(&mut |resolve, reject| {
        if canvas.to_blob(&resolve).is_err() {
            drop(reject.call0(&JsValue::NULL));
        }
    });
    JsFuture::from(blob).await
}

/// The old way: selects a hidden text area. The focus goes back to where it was.
fn copy_by_selection(text: &str) -> Option<bool> {
    let document: HtmlDocument = document().dyn_into().ok()?;
    let focused = document
        .active_element()
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    let area: HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    area.set_class_name("unseen");
    area.set_value(text);
    document.body()?.append_child(&area).ok()?;
    area.select();
    let copied = document.exec_command("copy").unwrap_or(false);
    area.remove();
    if let Some(element) = focused {
        element.focus().ok();
    }
    Some(copied)
}
