//! Dropped folders: the pictures in them, at any depth.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, DataTransferItem, File, FileSystemDirectoryEntry, FileSystemDirectoryReader,
    FileSystemEntry, FileSystemFileEntry,
};

use super::files;

/// The dropped entries, if one is a folder. They must be read while the drop is handled, at a tenth of a millisecond each: pictures, which
/// unlike folders have a type, are not checked.
pub fn entries(data: &DataTransfer) -> Option<Vec<FileSystemEntry>> {
    let items = data.items();
    let items: Vec<_> = (0..items.length()).filter_map(|at| items.get(at)).collect();
    let entry = |item: &DataTransferItem| item.webkit_get_as_entry().ok()?;
    let is_folder = |item: &DataTransferItem| {
        item.type_().is_empty() && entry(item).is_some_and(|entry| entry.is_directory())
    };
    items
        .iter()
        .any(is_folder)
        .then(|| items.iter().filter_map(entry).collect())
}

/// All files that were dropped directly, and the pictures in all folders; and how many other files the folders have.
pub async fn files(entries: Vec<FileSystemEntry>) -> (Vec<File>, usize) {
    let (mut found, mut others) = (Vec::new(), 0);
    let mut left: Vec<(FileSystemEntry, bool)> = entries
        .into_iter()
        .rev()
        .map(|entry| (entry, false))
        .collect();
    while let Some((entry, is_inside)) = left.pop() {
        // Chromium names its classes differently, so `dyn_ref` fails: the entry's own flag has to do.
        if entry.is_directory() {
            let reader = entry
                .unchecked_ref::<FileSystemDirectoryEntry>()
                .create_reader();
            left.extend(
                children(&reader)
                    .await
                    .into_iter()
                    .rev()
                    .map(|entry| (entry, true)),
            );
        } else if let Some(file) = read(entry.unchecked_ref()).await {
            // A folder of pictures contains other files, which nobody meant.
            if is_inside && (file.name().starts_with('.') || !files::is_called_a_picture(&file)) {
                others += 1;
            } else {
                found.push(file);
            }
        }
    }
    (found, others)
}

/// Browsers return up to a hundred at a time, and none at the end.
async fn children(reader: &FileSystemDirectoryReader) -> Vec<FileSystemEntry> {
    let mut all = Vec::new();
    loop {
        let Some(batch) = called_back(|took, failed| {
            reader
                .read_entries_with_callback_and_callback(took, failed)
                .is_ok()
        })
        .await
        else {
            return all;
        };
        let batch: Vec<FileSystemEntry> = Array::from(&batch)
            .iter()
            .map(JsCast::unchecked_into)
            .collect();
        if batch.is_empty() {
            return all;
        }
        all.extend(batch);
    }
}

async fn read(entry: &FileSystemFileEntry) -> Option<File> {
    called_back(|took, failed| {
        entry.file_with_callback_and_callback(took, failed);
        true
    })
    .await?
    .dyn_into()
    .ok()
}

/// Waits for one of two callbacks. `None`: it failed.
async fn called_back(
    call: impl FnOnce(&js_sys::Function, &js_sys::Function) -> bool,
) -> Option<JsValue> {
    let mut call = Some(call);
    let answer = Promise::new(&mut |resolve, reject| {
        let reject_later = reject.clone();
        let failed = Closure::once_into_js(move |error: JsValue| {
            drop(reject_later.call1(&JsValue::NULL, &error));
        });
        let begun = call
            .take()
            .is_some_and(|call| call(&resolve, failed.unchecked_ref()));
        if !begun {
            drop(reject.call0(&JsValue::NULL));
        }
    });
    JsFuture::from(answer).await.ok()
}
