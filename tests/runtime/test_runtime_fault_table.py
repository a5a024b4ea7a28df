"""The fault table: what can go wrong, by number, and the tests that hold the answer to it.

S is a submission, P a look at a job, U an upload, D a download. A row is held over real sockets by
tests that take the `talk` or `colour` fixture, and so run for both clients; what takes minutes is
held in virtual time, where both clients run the same code.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent

ROWS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (
        "connection refused",
        (
            "wire_jobs::test_an_api_that_is_down_is_an_unsent_submission",
            "faults_poll::test_an_api_that_comes_back_is_waited_for",
            "submit::test_what_never_left_is_sent_again_twice_at_most",
        ),
    ),
    2: (
        "no TLS",
        ("faults_submit::test_a_server_that_cannot_do_tls_is_told_apart_and_gets_nothing",),
    ),
    3: (
        "connecting takes too long",
        ("faults_submit::test_a_handshake_that_never_ends_is_an_unsent_submission",),
    ),
    4: (
        "all connections busy",
        ("faults_submit::" "test_a_pool_of_the_caller_that_is_full_is_not_the_fault_of_the_api",),
    ),
    5: (
        "reset or FIN",
        (
            "wire_jobs::test_an_ambiguous_submission_reaches_the_server_once",
            "wire_jobs::test_a_bad_answer_to_a_look_does_not_lose_the_job",
            "wire_files::test_a_broken_download_ends_whole",
            "wire_files::test_a_put_is_repeated_with_the_whole_file",
        ),
    ),
    6: (
        "no answer to a POST",
        (
            "wire_jobs::test_an_ambiguous_submission_reaches_the_server_once",
            "faults_submit::test_an_answer_whose_head_drips_ends_in_time",
        ),
    ),
    7: (
        "a body nobody reads",
        ("faults_submit::test_a_payload_the_server_stops_reading_is_unknown",),
    ),
    8: (
        "torn JSON",
        (
            "wire_jobs::test_an_ambiguous_submission_reaches_the_server_once",
            "faults_poll::test_nothing_but_nonsense_is_a_protocol_error_with_the_job_in_hand",
            "submit::test_the_id_in_a_torn_answer_is_kept",
        ),
    ),
    9: (
        "a web page with 200",
        (
            "wire_jobs::test_an_ambiguous_submission_reaches_the_server_once",
            "faults_poll::test_nothing_but_nonsense_is_a_protocol_error_with_the_job_in_hand",
        ),
    ),
    10: (
        "a web page with 502",
        (
            "wire_jobs::test_an_ambiguous_submission_reaches_the_server_once",
            "wire_jobs::test_a_bad_answer_to_a_look_does_not_lose_the_job",
        ),
    ),
    11: (
        "500, Backend error (N)",
        (
            "faults_submit::test_a_refusal_is_typed_final_and_free",
            "faults_poll::test_a_passing_refusal_of_a_look_is_survived",
        ),
    ),
    12: (
        "503 that may name a job",
        (
            "wire_jobs::test_a_503_that_names_a_job_can_be_waited_for",
            "wire_jobs::test_a_bad_answer_to_a_look_does_not_lose_the_job",
        ),
    ),
    13: (
        "504",
        (
            "wire_jobs::test_an_ambiguous_submission_reaches_the_server_once",
            "wire_jobs::test_an_unknown_submission_finds_its_job",
        ),
    ),
    14: (
        "429 in every form",
        (
            "faults_submit::test_every_way_of_saying_later_is_heard",
            "faults_submit::test_a_429_for_longer_than_it_waits_is_raised_at_once",
            "wire_jobs::test_a_429_is_paced_and_buys_one_job",
            "faults_poll::test_a_429_to_a_look_pauses_every_look_at_that_model",
            "pacing::test_the_longest_usable_hint_counts",
            "submit::test_a_429_is_answered_with_three_more_posts_at_most",
        ),
    ),
    15: (
        "401",
        (
            "many::test_a_refused_key_ends_every_wait_of_a_client_after_one_look",
            "many::test_a_refused_key_is_asked_about_once_for_a_thousand_jobs",
            "wire_jobs::test_a_refused_key_stops_a_batch",
        ),
    ),
    16: (
        "402",
        (
            "faults_submit::test_an_empty_account_stops_a_batch",
            "faults_poll::test_a_passing_refusal_of_a_look_is_survived",
        ),
    ),
    17: (
        "403",
        (
            "faults_submit::test_a_refusal_is_typed_final_and_free",
            "faults_poll::test_a_look_is_refused_for_good_by_403",
        ),
    ),
    18: (
        "404 on a submission",
        ("wire_jobs::test_an_unknown_model_comes_with_the_one_that_was_meant",),
    ),
    19: (
        "not visible yet",
        (
            "wire_jobs::test_what_the_service_says_oddly_is_understood",
            "faults_poll::test_a_job_unseen_after_its_submission_has_a_minute",
        ),
    ),
    20: (
        "vanished",
        (
            "wait::test_a_vanished_job_keeps_its_last_record",
            "faults_poll::test_what_was_once_an_end_stays_one",
        ),
    ),
    21: (
        "408",
        (
            "wire_jobs::test_an_ambiguous_submission_reaches_the_server_once",
            "faults_poll::test_a_passing_refusal_of_a_look_is_survived",
        ),
    ),
    22: (
        "409",
        (
            "faults_submit::test_a_refusal_is_typed_final_and_free",
            "faults_poll::test_a_passing_refusal_of_a_look_is_survived",
        ),
    ),
    23: (
        "400, 405, 413, 415, 422",
        (
            "faults_submit::test_a_refusal_is_typed_final_and_free",
            "faults_submit::test_one_answer_names_every_missing_parameter",
        ),
    ),
    24: (
        "redirect of a submission",
        (
            "wire_jobs::test_a_redirect_of_a_submission_is_not_followed",
            "faults_submit::test_a_redirect_to_a_plain_foreign_host_is_not_followed",
        ),
    ),
    25: (
        "204, or 202 without an id",
        ("wire_jobs::test_an_ambiguous_submission_reaches_the_server_once",),
    ),
    26: (
        "unknown status word",
        ("wire_jobs::test_what_the_service_says_oddly_is_understood",),
    ),
    27: (
        "other spelling of a status",
        (
            "faults_poll::test_other_spellings_of_success_end_the_wait",
            "wait::test_other_spellings_of_an_unhappy_end",
        ),
    ),
    28: (
        "status goes back",
        (
            "wire_jobs::test_what_the_service_says_oddly_is_understood",
            "faults_poll::test_what_was_once_an_end_stays_one",
        ),
    ),
    29: (
        "success without outcome",
        (
            "wire_jobs::test_a_success_on_the_post_without_its_outcome_costs_one_look",
            "wait::test_success_without_an_outcome_is_looked_at_again",
            "wait::test_success_that_never_shows_an_outcome_is_not_called_a_failure",
        ),
    ),
    30: (
        "failed",
        (
            "faults_poll::test_a_failure_is_told_in_every_recorded_shape",
            "faults_poll::test_a_job_cancelled_elsewhere_says_so",
        ),
    ),
    31: (
        "outcome of another shape",
        (
            "faults_poll::test_files_under_unknown_keys_are_not_guessed",
            "files/test_files_outcome.py::test_no_outcome_can_break_the_reading",
        ),
    ),
    32: (
        "record of another job or model",
        (
            "faults_poll::test_a_record_of_another_job_is_discarded",
            "faults_poll::test_nothing_but_nonsense_is_a_protocol_error_with_the_job_in_hand",
        ),
    ),
    33: (
        "queued for ever",
        (
            "wire_jobs::test_a_stuck_job_times_out_with_a_handle_that_works",
            "wait::test_a_stall_is_told_once",
        ),
    ),
    34: (
        "clocks, and a machine that slept",
        (
            "faults_poll::test_a_machine_that_slept_does_not_blame_the_api",
            "faults_poll::test_after_a_sleep_longer_than_its_time_it_looks_once_more",
        ),
    ),
    35: (
        "killed around a POST",
        (
            "killed::test_a_kill_at_any_fsync_leaves_no_job_unaccounted_for",
            "killed::test_resuming_asks_nothing_and_submits_nothing",
        ),
    ),
    36: (
        "killed during a download",
        ("killed::test_a_kill_in_the_middle_of_a_download_is_gone_on_with",),
    ),
    37: (
        "Ctrl-C",
        (
            "killed::test_ctrl_c_in_a_held_post_is_unknown_and_says_where_to_look",
            "killed::test_ctrl_c_twice_is_immediate",
            "life::test_ctrl_c_in_a_wait_names_the_job",
        ),
    ),
    38: (
        "cancelled task",
        (
            "faults_submit::test_a_cancelled_post_is_unknown_in_the_journal",
            "faults_submit::test_an_interruption_between_two_posts_leaves_nothing_unknown",
            "life::test_cancelling_a_task_leaves_the_job_and_says_so",
            "faults_files::test_a_cancelled_download_keeps_its_part",
        ),
    ),
    39: (
        "fork, threads, two event loops",
        (
            "faults_submit::test_a_forked_child_opens_connections_of_its_own",
            "faults_submit::test_threads_share_a_client",
            "life::test_one_asynchronous_client_works_in_one_loop_after_another",
        ),
    ),
    40: (
        "disk full",
        (
            "faults_files::test_a_full_disk_keeps_the_job_and_what_has_arrived",
            "faults_submit::test_a_journal_on_a_disk_that_refuses_stops_the_submission",
        ),
    ),
    41: (
        "body cut short",
        (
            "wire_files::test_a_broken_download_ends_whole",
            "wire_files::test_a_download_cut_in_the_middle_goes_on_where_it_was",
        ),
    ),
    42: (
        "body too long, or of no length",
        (
            "faults_files::"
            "test_a_body_of_another_length_than_announced_is_cut_or_taken_as_it_is",
            "faults_files::test_a_body_cut_without_a_length_is_caught_by_its_checksum",
            "wire_files::test_reading_more_than_allowed_is_refused",
        ),
    ),
    43: (
        "wrong checksum",
        ("wire_files::test_a_file_with_the_wrong_checksum_never_gets_its_name",),
    ),
    44: (
        "a page in place of the file",
        ("wire_files::test_a_web_page_in_place_of_the_file_is_not_saved",),
    ),
    45: (
        "compressed media",
        ("faults_files::test_a_file_that_comes_compressed_is_never_unpacked",),
    ),
    46: (
        "file expired",
        (
            "faults_files::test_a_file_that_expired_is_fetched_from_the_fresh_address",
            "wire_files::test_an_expired_file_says_so_and_the_job_stays_well",
        ),
    ),
    47: (
        "download redirected",
        ("wire_files::test_redirects_are_followed_a_few_times_only",),
    ),
    48: (
        "address of a private network",
        (
            "wire_files::test_a_redirect_to_a_private_or_plain_address_is_refused",
            "secrets::test_a_result_on_a_private_address_is_not_fetched",
            "addresses::test_only_public_https_is_allowed",
            "addresses::test_one_private_address_among_many_is_enough_to_refuse",
        ),
    ),
    49: (
        "hostile file name",
        (
            "faults_files::test_no_server_names_a_file",
            "addresses::test_no_job_id_can_lead_out_of_the_folder",
        ),
    ),
    50: (
        "upload address expired, or of another type",
        (
            "faults_files::test_an_upload_address_that_ran_out_is_asked_for_again",
            "wire_files::" "test_a_signature_that_does_not_match_is_tried_with_the_other_type_once",
        ),
    ),
    51: (
        "file changes while it is read",
        ("faults_submit::test_a_file_that_changes_while_it_is_read_is_not_submitted",),
    ),
    52: (
        "uploaded, then unknown",
        ("faults_submit::test_after_an_unknown_submission_no_file_has_to_be_sent_again",),
    ),
    53: (
        "ids that are no part of a path",
        (
            "wire_jobs::test_an_id_with_a_slash_and_a_space_is_one_part_of_the_path",
            "wire_jobs::test_an_id_that_is_not_one_makes_no_request",
        ),
    ),
    54: (
        "shrunk catalogue",
        ("../catalog/test_fetch.py::test_a_catalogue_that_shrank_is_not_believed_at_once",),
    ),
    55: (
        "a crowd, and a server that is down",
        ("many::test_a_crowd_does_not_hammer_a_server_that_is_down",),
    ),
}
# Held in virtual time, in child processes or below the clients: nothing there runs twice.
ONE_COLOUR = frozenset({4, 34, 36, 37, 38, 39, 54, 55})


@cache
def functions_of(module: str) -> dict[str, set[str]]:
    """The tests of a module, and the arguments each takes."""
    if module.endswith(".py"):
        places = [HERE / module]
    else:
        places = [HERE / f"test_runtime_{module}.py", HERE / f"protocol/test_protocol_{module}.py"]
    path = next(place for place in places if place.exists())
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.name: {argument.arg for argument in node.args.args}
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def held(number: int) -> Iterator[set[str]]:
    for name in ROWS[number][1]:
        module, _, test = name.partition("::")
        found = functions_of(module)
        assert test in found, f"row {number} names {name}, which is not there"
        yield found[test]


def test_no_row_is_left_out() -> None:
    assert list(ROWS) == list(range(1, 56))


@pytest.mark.parametrize("number", ROWS)
def test_a_row_is_held_by_tests_that_exist(number: int) -> None:
    arguments = list(held(number))
    assert arguments
    if number not in ONE_COLOUR and number != 35:
        assert any(taken & {"talk", "colour"} for taken in arguments), "only one client is tested"
