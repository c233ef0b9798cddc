"""Where tokens that open nothing are counted, apart from sign-ins."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("board_api", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="TokenFailure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=16)),
                ("address", models.CharField(max_length=45)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="board_api_tokenfailure_at")],
            },
        ),
    ]
