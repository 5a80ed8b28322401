//! The faults that a demanding new user once found, by their numbers. What each wants to be true is a story in the file on its subject.
//!
//! 16 is about share pages and 23 and 24 about names in the API: they are tested there. Most others of a kind (13: ranges, drawing, a long
//! press, keys; 14: batches, tries) have more stories beside the one here.

use crate::{jumping, layers, looking, moving, selecting, trash, tray, uploading, wall};

#[tokio::test(flavor = "multi_thread")]
async fn fault_01_over_an_open_picture_the_uploads_are_a_pill_that_covers_no_action_of_it() {
    layers::over_an_open_picture_the_uploads_are_a_pill_that_covers_no_action_of_it().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_02_arrow_keys_lead_on_and_escape_leads_back_right_after_a_choice_of_who_can_see_it()
{
    looking::arrow_keys_lead_on_and_escape_leads_back_right_after_a_choice_of_who_can_see_it()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_03_copying_a_private_picture_asks_whether_the_link_shall_last() {
    selecting::copying_a_private_picture_asks_whether_the_link_shall_last().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_04_what_is_private_opens_after_any_time_also_where_the_clock_of_the_device_is_wrong()
{
    looking::what_is_private_opens_after_any_time_also_where_the_clock_of_the_device_is_wrong()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_05_what_failed_stands_on_top_of_any_number_that_did_not() {
    tray::what_failed_stands_on_top_of_any_number_that_did_not().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_06_a_full_storage_leads_to_the_trash_and_emptying_that_makes_room() {
    trash::a_full_storage_leads_to_the_trash_and_emptying_that_makes_room().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_07_after_a_session_ended_the_log_in_says_how_many_files_wait_and_leaving_asks() {
    tray::after_a_session_ended_the_log_in_says_how_many_files_wait_and_leaving_asks().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_08_what_is_pasted_into_a_field_or_comes_with_text_is_no_picture_to_upload() {
    tray::what_is_pasted_into_a_field_or_comes_with_text_is_no_picture_to_upload().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_09_wheel_and_double_click_zoom_where_the_pointer_is_and_dragging_moves_the_picture()
{
    looking::wheel_and_double_click_zoom_where_the_pointer_is_and_dragging_moves_the_picture()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_10_a_panorama_is_as_sharp_as_its_place() {
    wall::a_panorama_is_as_sharp_as_its_place().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_11_a_picture_a_little_smaller_than_its_place_has_no_frame() {
    wall::a_picture_a_little_smaller_than_its_place_has_no_frame().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_12_what_is_selected_has_a_frame_that_can_be_seen() {
    wall::what_is_selected_has_a_frame_that_can_be_seen().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_13_while_something_is_selected_a_click_selects_too_and_opens_nothing() {
    selecting::while_something_is_selected_a_click_selects_too_and_opens_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_14_a_paused_queue_says_what_it_still_finishes() {
    tray::a_paused_queue_says_what_it_still_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_15_closing_a_picture_is_the_way_back_and_back_never_opens_it_again() {
    looking::closing_a_picture_is_the_way_back_and_back_never_opens_it_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_17_where_the_system_chooses_the_colours_what_is_chosen_can_still_be_told() {
    tray::where_the_system_chooses_the_colours_what_is_chosen_can_still_be_told().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_18_a_search_that_fails_leaves_the_wall_and_comes_back_with_the_network() {
    tray::a_search_that_fails_leaves_the_wall_and_comes_back_with_the_network().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_19_a_picture_shows_its_thumbnail_until_the_rest_has_arrived_and_says_when_it_does_not_come()
 {
    looking::a_picture_shows_its_thumbnail_until_the_rest_has_arrived_and_says_when_it_does_not_come().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_20_wide_pictures_that_move_do_so_in_the_view_whatever_their_format() {
    moving::wide_pictures_that_move_do_so_in_the_view_whatever_their_format().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_21_days_are_counted_alike_by_headings_and_by_the_jump() {
    jumping::days_are_counted_alike_by_headings_and_by_the_jump().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_22_a_file_is_read_before_its_name_is_believed() {
    uploading::a_file_is_read_before_its_name_is_believed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_25_a_picture_opened_by_its_link_alone_stands_in_the_middle_and_can_be_zoomed() {
    looking::a_picture_opened_by_its_link_alone_stands_in_the_middle_and_can_be_zoomed().await;
}
