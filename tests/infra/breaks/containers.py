"""Containers that say too much or may too much."""

from tests.infra.breaks.change import broken, container, to, variable

TASK = "ecs/taskDefinition:TaskDefinition"
WEB, WORKER = ("app", TASK, "web"), ("app", TASK, "worker-money")
RELEASE = ("app", "ssm/parameter:Parameter", "release")
SECRETS = (
    ("DATABASE_URL", ""),
    ("REDIS_RESULT_URL", ""),
    ("MATINS_IDENTITY_KEYS", ""),
    ("SECRET_KEY", ""),
    ("SLACK_TOKEN", ""),
    ("smtp_password", ""),
    ("UPSTREAM", "https://user:correct@horse.example.com"),
    ("UPSTREAM", "rediss://:correct@horse.example.com/1"),
    ("SETTINGS", "id=AKIAIOSFODNN7EXAMPLE"),
    ("SETTINGS", "-----BEGIN PRIVATE KEY-----"),
    ("SETTINGS", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x"),
    ("SETTINGS", "glsa_0123456789abcdefghij"),
)
BREAKS = [
    broken(
        "images-are-named-by-their-digest",
        WEB,
        "Container web: name its image by REPOSITORY@sha256:DIGEST.",
        container(image="matins:latest"),
        container(image="matins@sha256:12"),
        container(image=None),
    ),
    broken(
        "containers-are-nobody-and-write-nowhere",
        WEB,
        "Container web: set user to one that is not root.",
        *(container(user=user) for user in (None, "0", "root", "0:0", "root:10001")),
    ),
    broken(
        "containers-are-nobody-and-write-nowhere",
        WEB,
        "Container web: set readonlyRootFilesystem to true; what must write mounts a volume.",
        container(readonlyRootFilesystem=None),
    ),
    broken(
        "containers-are-nobody-and-write-nowhere",
        WEB,
        "Container web: remove privileged.",
        container(privileged=True),
    ),
    broken(
        "containers-have-time-to-end",
        WORKER,
        "Container worker-money: stopTimeout is 300; Fargate allows 120.",
        container(stopTimeout=300),
    ),
    broken(
        "containers-have-time-to-end",
        WORKER,
        "Container worker-money: stopTimeout is 30, its soft shutdown takes 90; give it more.",
        container(stopTimeout=30),
        container(stopTimeout=None),
    ),
    broken(
        "containers-have-time-to-end",
        WORKER,
        "Container worker-money: set initProcessEnabled, so that signals arrive and children end.",
        container(linuxParameters=None),
    ),
    *(
        broken(
            "no-container-is-told-a-secret-in-the-clear",
            WEB,
            f"Container web: give it {name} as one of its `secrets`, by ARN.",
            variable(name, value),
        )
        for name, value in SECRETS
    ),
    broken(
        "no-container-is-told-a-secret-in-the-clear",
        WEB,
        "Container web: take the secret out of its command, and give it as one of its `secrets`.",
        container(command=["uvicorn", "--upstream", "https://user:correct@horse.example.com"]),
    ),
    broken(
        "no-parameter-holds-a-secret",
        RELEASE,
        "Keep it in Secrets Manager, or make it a SecureString.",
        to(value="postgresql://matins_app:correct@horse/matins"),
    ),
    broken(
        "containers-are-logged",
        WEB,
        "Container web: set logConfiguration to awslogs and a group.",
        container(logConfiguration=None),
        container(logConfiguration={"logDriver": "awslogs", "options": {"mode": "blocking"}}),
    ),
    broken(
        "a-full-log-is-thought-of",
        WEB,
        "Container web: set the log's mode, blocking or non-blocking, and max-buffer-size.",
        container(logConfiguration={"logDriver": "awslogs", "options": {"awslogs-group": "g"}}),
    ),
    broken(
        "a-task-starts-with-one-role-and-works-with-another",
        WEB,
        "Give it an execution role and a task role of its own.",
        to(taskRoleArn=None),
        to(taskRoleArn="arn:one", executionRoleArn="arn:one"),
    ),
]
