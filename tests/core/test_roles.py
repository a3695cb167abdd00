"""A refusal says what was refused, and who may, in the reader's words."""

import pytest

from scheduler.core.problems import Refused
from scheduler.core.roles import Person, Right, Role
from scheduler.i18n import say, translator

BO = Person(id=1, name="Bo", role=Role.AUTHOR)


@pytest.mark.parametrize(
    ("right", "english", "chinese"),
    [
        ("approve", "may not approve posts", "不能审核稿件"),
        ("resume", "may not end a pause", "不能结束暂停"),
        ("release", "may not release deliveries", "不能放行投放"),
        ("recall", "may not recall posts", "不能撤回稿件"),
        ("resolve", "may not resolve doubts", "不能处理未确认的投放"),
        ("recover", "may not recover the database", "不能处理恢复的数据库"),
        ("accept clock", "may not accept the clock", "不能确认时钟"),
    ],
)
def test_a_refusal_names_what_was_refused_and_the_roles_in_the_readers_words(
    right: str, english: str, chinese: str
) -> None:
    """Resuming a pause was refused as approving posts, and Chinese sentences named roles in English."""
    with pytest.raises(Refused) as refused:
        BO.require(Right(right))
    (problem,) = refused.value.problems
    assert str(refused.value) == f"Bo is author and {english}: that takes reviewer, publisher, admin"
    assert say(problem, translator("en")) == str(refused.value)
    assert say(problem, translator("zh-CN")) == f"Bo 的角色是作者，{chinese}：需要审核员、发布员、管理员"
