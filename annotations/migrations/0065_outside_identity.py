import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0064_verbs_of_two_factor'),
    ]

    operations = [
        migrations.CreateModel(
            name='OutsideIdentity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(max_length=255)),
                ('subject', models.CharField(max_length=255)),
                ('connected_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name_plural': 'outside identities',
            },
        ),
        migrations.AddField(
            model_name='outsideidentity',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outside_identities', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='outsideidentity',
            constraint=models.UniqueConstraint(fields=('issuer', 'subject'), name='outside_identity_opens_one'),
        ),
        migrations.AddConstraint(
            model_name='outsideidentity',
            constraint=models.UniqueConstraint(fields=('user', 'issuer'), name='outside_identity_one_a_person'),
        ),
    ]
