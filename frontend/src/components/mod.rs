//! Parts of pages.

mod account;
mod copy;
mod field;
mod icons;
mod picker;
mod shortcuts;
mod title;
mod toast_stack;
mod topbar;

pub use account::{AccountSummary, ThemeChoice};
pub use copy::{CopyLabel, copy_with_notice};
pub use field::{Field, FieldState, required};
pub use icons::{Icon, Logo};
pub use picker::{PickerInput, provide_picker, use_picker};
pub use shortcuts::Shortcuts;
pub use title::page_title;
pub use toast_stack::ToastStack;
pub use topbar::TopBar;
