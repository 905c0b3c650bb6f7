from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0065_outside_identity'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='activity',
            name='activity_verb_known',
        ),
        migrations.AlterField(
            model_name='activity',
            name='verb',
            field=models.CharField(choices=[('created', 'created'), ('asked_to_load', 'asked_to_load'), ('loaded', 'loaded'), ('failed_to_load', 'failed_to_load'), ('proposed_claims', 'proposed_claims'), ('added_version', 'added_version'), ('corrected_language', 'corrected_language'), ('edited', 'edited'), ('accepted', 'accepted'), ('dismissed', 'dismissed'), ('restored', 'restored'), ('anchor_changed', 'anchor_changed'), ('confirmed_anchor', 'confirmed_anchor'), ('assigned', 'assigned'), ('prioritised', 'prioritised'), ('tagged', 'tagged'), ('skipped', 'skipped'), ('parked', 'parked'), ('woke', 'woke'), ('took_over', 'took_over'), ('attached', 'attached'), ('edited_evidence', 'edited_evidence'), ('chose_passage', 'chose_passage'), ('withdrew_evidence', 'withdrew_evidence'), ('restored_evidence', 'restored_evidence'), ('fetched', 'fetched'), ('failed_to_fetch', 'failed_to_fetch'), ('retried_fetch', 'retried_fetch'), ('fetched_unverified', 'fetched_unverified'), ('cancelled_fetch', 'cancelled_fetch'), ('uploaded_capture', 'uploaded_capture'), ('gave_verdict', 'gave_verdict'), ('submitted', 'submitted'), ('withdrew', 'withdrew'), ('approved', 'approved'), ('returned', 'returned'), ('reopened', 'reopened'), ('source_changed', 'source_changed'), ('confirmed_source', 'confirmed_source'), ('amended_for_source', 'amended_for_source'), ('dismissed_source_change', 'dismissed_source_change'), ('asked_for_report', 'asked_for_report'), ('froze_report', 'froze_report'), ('could_not_freeze_report', 'could_not_freeze_report'), ('renamed', 'renamed'), ('made_account', 'made_account'), ('invited', 'invited'), ('withdrew_invitation', 'withdrew_invitation'), ('joined', 'joined'), ('changed_role', 'changed_role'), ('removed_member', 'removed_member'), ('required_two_factor', 'required_two_factor'), ('stopped_requiring_two_factor', 'stopped_requiring_two_factor'), ('made_link', 'made_link'), ('set_password', 'set_password'), ('signed_in_on_new_device', 'signed_in_on_new_device'), ('made_token', 'made_token'), ('revoked_token', 'revoked_token'), ('set_up_second_factor', 'set_up_second_factor'), ('turned_off_second_factor', 'turned_off_second_factor'), ('used_recovery_code', 'used_recovery_code'), ('connected_outside_sign_in', 'connected_outside_sign_in'), ('disconnected_outside_sign_in', 'disconnected_outside_sign_in'), ('proposed', 'proposed'), ('added_member', 'added_member')], max_length=40),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('verb__in', ['created', 'asked_to_load', 'loaded', 'failed_to_load', 'proposed_claims', 'added_version', 'corrected_language', 'edited', 'accepted', 'dismissed', 'restored', 'anchor_changed', 'confirmed_anchor', 'assigned', 'prioritised', 'tagged', 'skipped', 'parked', 'woke', 'took_over', 'attached', 'edited_evidence', 'chose_passage', 'withdrew_evidence', 'restored_evidence', 'fetched', 'failed_to_fetch', 'retried_fetch', 'fetched_unverified', 'cancelled_fetch', 'uploaded_capture', 'gave_verdict', 'submitted', 'withdrew', 'approved', 'returned', 'reopened', 'source_changed', 'confirmed_source', 'amended_for_source', 'dismissed_source_change', 'asked_for_report', 'froze_report', 'could_not_freeze_report', 'renamed', 'made_account', 'invited', 'withdrew_invitation', 'joined', 'changed_role', 'removed_member', 'required_two_factor', 'stopped_requiring_two_factor', 'made_link', 'set_password', 'signed_in_on_new_device', 'made_token', 'revoked_token', 'set_up_second_factor', 'turned_off_second_factor', 'used_recovery_code', 'connected_outside_sign_in', 'disconnected_outside_sign_in', 'proposed', 'added_member'])), name='activity_verb_known'),
        ),
    ]
