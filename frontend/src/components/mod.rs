//! Parts of pages.

mod account;
mod blur;
mod copy;
mod css;
mod ends;
mod field;
mod icons;
mod inline_edit;
mod picker;
mod resize;
mod rows;
mod shortcuts;
mod title;
mod toast_stack;
mod topbar;

pub use account::{AccountSummary, ThemeChoice};
pub use blur::Blur;
pub use copy::{
    CopyFormat, CopyIn, CopyLabel, copy_with_notice, provide_copy_format, use_copy_format,
};
pub use css::{length, number};
pub use ends::{Ends, has_ended, in_seconds};
pub use field::{Field, FieldState, required};
pub use icons::{Icon, Logo};
pub use inline_edit::{InlineEdit, InlineText, Saving};
pub use picker::{PickerInput, provide_picker, use_picker};
pub use resize::on_resize;
pub use rows::{ListRow, rows};
pub use shortcuts::{Shortcuts, is_over_page, is_typing, provide_shortcuts};
pub use title::page_title;
pub use toast_stack::{Announcements, ToastStack};
pub use topbar::TopBar;
