"""Every row of PROMISES.md C has its proof: a table beside this file, or a test that is named here."""

from __future__ import annotations

import ast
import runpy
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ROWS = {
    "phone numbers": (1, 2, 3, 4, 6, 7, 8, 10, 11, 12),
    "texts": (14, 15, 16, 18, 19, 20, 21, 22, 23, 25, 26, 27, 28),
    "dates and clocks": (29, 30, 31, 32, 34, 35, 36, 38),
    "attachments": (39, 40, 41, 42, 43, 44, 45, 47, 48, 49, 51, 52, 53),
    "webhooks and callbacks": (54, 55, 56, 57, 59, 60, 61, 62, 64, 65, 66),
    "configuration and plugins": (67, 68, 69, 70, 71, 72, 73, 74, 76),
    "concurrency and storage": (77, 78, 79, 80, 82, 83, 84, 85, 86, 88),
}
ALL = {row for rows in ROWS.values() for row in rows}

LEDGER: dict[int, tuple[str, ...]] = {
    11: (
        "src/convokit/testing/store_isolation.py::test_p10_an_opt_out_at_one_practice_does_not_touch_the_other",
        "tests/runtime/test_path.py::test_p10_another_practices_ids_are_simply_unknown",
    ),
    14: (
        "tests/runtime/test_webhooks.py::test_a_lone_surrogate_is_stored_as_replacement_and_flagged",
        "tests/runtime/test_bad_input.py::test_pairs_of_surrogates_are_the_character_they_stand_for",
    ),
    15: ("tests/runtime/test_webhooks.py::test_more_than_a_megabyte_is_refused_before_parsing",),
    16: (
        "tests/transcripts/test_text.py::test_p14_hidden_characters_are_spelled_out",
        "tests/transcripts/test_text.py::test_names_and_titles_stay_on_their_line",
    ),
    18: ("tests/transcripts/test_pdf.py::test_p14_what_no_font_has_is_spelled_out",),
    19: ("tests/domain/test_consent_promised.py::test_p06_what_a_text_that_is_named_does",),
    20: (
        "tests/domain/test_consent_promised.py::test_p06_what_a_text_that_is_named_does",
        "tests/decisions/test_automatic.py::test_a_maybe_holds_automatic_messages_until_a_person_decides",
    ),
    21: ("tests/domain/test_consent_promised.py::test_p06_what_a_text_that_is_named_does",),
    22: ("tests/domain/test_consent_promised.py::test_p06_what_a_text_that_is_named_does",),
    26: ("tests/transcripts/test_pdf.py::test_p14_a_very_long_message_is_cut_and_says_so",),
    28: ("tests/runtime/test_bad_input.py::test_p18_refused_with_code_and_field",),
    29: ("tests/domain/test_end_of_day.py::test_p21_c29_a_time_that_the_clocks_skip_is_moved_forward_and_said_so",),
    30: ("tests/domain/test_end_of_day.py::test_p21_c30_a_time_that_comes_twice_is_due_once_at_the_first",),
    31: ("tests/runtime/test_bad_input.py::test_case_31_a_naive_time_is_refused",),
    32: ("tests/domain/test_reminders.py::test_case_32_a_year_after_a_leap_day_is_the_28th",),
    36: (
        "src/convokit/testing/store_effects.py::test_p21_a_reply_is_due_although_the_clock_went_back",
        "src/convokit/testing/store_effects.py::test_p04_what_was_begun_before_the_clock_went_back_is_abandoned",
        "tests/decisions/test_time_passed.py::test_p21_a_year_later_only_the_next_one_is_planned",
        "tests/decisions/test_time_passed.py::test_p21_what_was_missed_is_noted_once_and_nothing_comes_in_a_burst",
    ),
    38: (
        "tests/domain/test_quiet.py::test_p21_c38_quiet_time_ends_and_is_never_shorter_than_the_clock_says",
        "tests/domain/test_quiet.py::test_c38_the_longer_reading_counts_when_the_clocks_change",
        "tests/runtime/test_desk_quiet.py::test_p21_c38_it_leaves_at_eight_and_not_before",
        "tests/runtime/test_desk_quiet.py::test_p21_c38_the_zone_of_the_client_counts_where_it_is_known",
    ),
    39: ("tests/media/test_attachment_rows.py::test_p15_a_file_that_is_refused_leaves_nothing",),
    40: ("tests/media/test_attachment_rows.py::test_p15_a_file_that_is_refused_leaves_nothing",),
    41: ("tests/media/test_attachment_rows.py::test_p15_a_file_that_is_refused_leaves_nothing",),
    42: ("tests/media/test_attachment_rows.py::test_p15_row_42_what_hangs_behind_a_picture_is_gone",),
    43: ("tests/media/test_attachment_rows.py::test_p15_a_file_that_is_refused_leaves_nothing",),
    44: ("tests/media/test_attachment_rows.py::test_p15_row_44_a_pdf_is_kept_flagged_and_only_downloaded",),
    45: ("tests/media/test_attachment_rows.py::test_row_45_heic_is_kept_as_a_file_without_a_preview",),
    47: ("tests/media/test_attachment_rows.py::test_p18_row_47_an_endless_body_is_read_to_the_limit_and_no_further",),
    48: ("tests/media/test_attachment_rows.py::test_p15_row_48_a_name_is_a_label_only",),
    49: (
        "tests/media/test_attachment_rows.py::test_row_49_a_gif_of_5000_frames_costs_its_first",
        "tests/media/test_attachment_rows.py::test_row_49_a_video_is_opaque",
    ),
    51: (
        "tests/runtime/test_media_fetching.py::test_p16_the_text_is_there_at_once_and_its_file_after_the_next_round",
        "tests/runtime/test_media_fetching.py::test_a_file_that_is_not_there_yet_is_tried_again_for_a_day",
        "tests/runtime/test_media_fetching.py::test_p16_the_address_that_was_checked_is_the_one_that_is_asked",
        "tests/runtime/test_media_addresses.py::test_p16_an_address_inside_is_not_on_the_open_internet",
    ),
    52: ("tests/media/test_attachment_rows.py::test_p10_row_52_an_upload_of_somebody_else_is_unknown",),
    53: ("tests/media/test_attachment_rows.py::test_p15_row_53_a_child_that_dies_dies_alone",),
    54: (
        "tests/runtime/test_webhooks.py::test_p17_unverified_is_a_bare_403_and_nothing_is_stored",
        "tests/runtime/test_webhooks.py::test_p17_a_doubled_signature_or_one_changed_byte_is_refused",
    ),
    55: (
        "tests/runtime/test_webhooks.py::test_p17_a_doubled_signature_or_one_changed_byte_is_refused",
        "plugins/convokit-sms-twilio/tests/test_twilio_signature.py::test_whatever_is_posted_it_is_signed_as_the_sdk_says",
    ),
    56: ("tests/runtime/test_webhooks.py::test_the_gateway_sees_the_configured_public_url",),
    59: (
        "tests/runtime/test_webhooks.py::test_case_59_a_report_before_the_provider_id_is_known_is_parked_and_applied",
        "tests/cli/test_cli_doctor.py::test_reports_on_texts_of_somebody_else_are_told_after_a_day",
    ),
    60: ("tests/decisions/test_delivery.py::test_p05_every_order_of_five_and_six_leaves_the_same_message",),
    61: ("tests/runtime/test_webhooks.py::test_an_unknown_status_word_moves_no_check",),
    64: ("tests/runtime/test_webhooks.py::test_an_unknown_path_is_not_found_whatever_the_payload_says",),
    65: (
        "tests/runtime/test_desk_payments.py::test_p08_what_does_not_fit_is_never_paid_and_is_put_before_a_person",
        "tests/runtime/test_desk_payments.py::test_p08_a_second_real_payment_is_flagged_and_told_to_the_host",
        "tests/runtime/test_desk_payments.py::test_p08_a_refund_before_its_payment_waits_in_the_evidence",
    ),
    # Nothing reads mails: an answer goes to the practice's own mailbox, so there is no reply that could be forged.
    66: ("src/convokit/testing/mailer_contract.py::test_case_66_no_text_becomes_a_header_or_a_recipient",),
    67: (
        "tests/plugins/test_loading.py::test_p17_case_67_no_secret_or_a_weak_one_is_refused_at_the_start",
        "tests/plugins/test_loading.py::test_p17_case_67_settings_that_were_forgotten_are_asked_for_at_the_start",
        "tests/runtime/test_bad_input.py::test_case_67_the_public_url_is_https",
        "plugins/convokit-sms-kannel/tests/test_kannel_settings.py"
        "::test_a_weak_callback_password_is_refused_without_showing_it",
    ),
    68: (
        "tests/plugins/test_loading.py::test_case_68_wrong_settings_are_named_never_shown",
        "tests/runtime/test_rules_mapping.py::test_p18_case_68_a_wrong_setting_is_named",
        "tests/runtime/test_rules_file.py::test_p18_case_68_a_wrong_file_is_refused_with_place_and_reason",
    ),
    69: ("tests/plugins/test_loading.py::test_a_broken_plugin_is_named_with_its_distribution_and_cause",),
    70: ("tests/plugins/test_loading.py::test_p12_a_plugin_that_is_installed_but_not_enabled_is_never_imported",),
    72: (
        "tests/runtime/test_worker_isolation.py::test_p11_a_carrier_that_hangs_leaves_a_thread_for_the_others",
        "tests/plugins/test_bounded.py::test_p11_a_plugin_that_hangs_costs_a_deadline_a_few_times_and_then_nothing",
        "tests/promises/test_misbehaving.py::test_p11_another_practice_still_gets_its_texts_out",
        "tests/promises/test_misbehaving.py"
        "::test_p11_what_waits_behind_an_open_circuit_stays_owed_and_goes_out_when_it_closes",
    ),
    73: ("tests/runtime/test_performing.py::test_case_73_an_answer_after_the_lease_turns_unsure_into_sent",),
    74: (
        "tests/runtime/test_performing.py::test_p11_whatever_a_gateway_does_becomes_an_outcome",
        "tests/runtime/test_drivers.py::test_p11_every_field_of_an_outcome_is_checked_and_repaired",
    ),
    76: (
        "tests/plugins/test_loading.py::test_case_76_two_plugins_offering_one_carrier_are_both_named",
        "tests/plugins/test_loading.py::test_a_broken_plugin_is_named_with_its_distribution_and_cause",
    ),
    77: ("tests/stores/test_sql_race.py::test_p02_sixteen_writers_at_one_file_make_no_error",),
    78: (
        "tests/stores/test_sql_faults.py"
        "::test_p22_a_lock_held_by_another_process_is_busy_within_the_patience_and_then_works",
        "tests/stores/test_sql_faults.py::test_p22_what_a_webhook_writes_is_busy_within_its_patience",
    ),
    79: (
        "tests/stores/test_sql_faults.py::test_p22_a_full_database_stores_nothing_and_works_again_when_there_is_room",
        "tests/stores/test_sql_faults.py::test_p22_the_limit_on_file_sizes_is_full_too",
    ),
    80: ("tests/stores/test_sql_open.py::test_p22_read_only_is_said_at_the_start",),
    82: (
        "tests/stores/test_sql_open.py::test_p23_a_newer_schema_is_refused_untouched",
        "tests/stores/test_sql_open.py::test_p23_a_file_of_an_earlier_release_is_brought_up_and_keeps_its_rows",
        "tests/stores/test_sql_open.py::test_p23_a_migration_that_fails_leaves_nothing",
        "tests/stores/test_sql_open.py::test_p23_killed_while_migrating_it_starts_from_nothing_again",
    ),
    83: ("tests/stores/test_sql_open.py::test_p22_a_forked_process_opens_connections_of_its_own",),
    84: (
        "tests/stores/test_postgres_faults.py::test_case_84_a_commit_whose_answer_is_lost_is_looked_up",
        "tests/stores/test_postgres_faults.py::test_case_84_a_server_killed_while_it_commits_is_asked_when_it_is_back",
        "tests/stores/test_postgres_faults.py::test_case_84_when_nobody_can_say_it_is_not_guessed",
    ),
    85: ("tests/stores/test_sql_open.py::test_p23_of_eight_processes_one_migrates_and_the_others_wait",),
    86: (
        "tests/promises/test_stopped_worker.py"
        "::test_p03_case_86_a_worker_that_wakes_up_after_its_lease_settles_nothing_and_doubles_nothing",
        "src/convokit/testing/store_effects.py::test_p03_only_the_holder_of_the_newest_lease_settles",
        "tests/runtime/test_performing.py::test_case_73_an_answer_after_the_lease_turns_unsure_into_sent",
    ),
    88: (
        "tests/runtime/test_restoring.py::test_a_restored_desk_sends_nothing_again",
        "tests/runtime/test_restoring.py::test_a_carrier_that_can_be_asked_knows_them",
        "tests/runtime/test_restoring.py::test_the_command",
    ),
}
"""Rows that other tests prove, each with their names: what takes a process, a server or a file is no line of a table. A
test of a contract runs for both stores, or for every mailer.
"""


def tables() -> dict[str, set[int]]:
    """The rows of the tables beside this file."""
    found = {}
    for file in sorted(Path(__file__).parent.glob("test_bad_inputs_*.py")):
        if file != Path(__file__):
            found[file.name] = {case[0] for case in runpy.run_path(str(file))["CASES"]}
    return found


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_p18_every_row_has_its_proof() -> None:
    assert set[int]().union(*tables().values()) | LEDGER.keys() == ALL


@pytest.mark.parametrize("row", sorted(LEDGER), ids="c{:02}".format)
def test_p18_the_named_tests_are_there(row: int) -> None:
    for test in LEDGER[row]:
        file, _, name = test.partition("::")
        assert name in functions_of(file), f"row {row}: {test} is gone; name the test that proves it now"
