"""Files of a request over HTTP: given and taken by its customer and its unit's staff, by nobody else."""

from __future__ import annotations

import re
from hashlib import sha256

from tests.api.test_services import Branch, branch
from tests.ledger.sealing import uploads

__all__ = ["branch"]


def test_a_customers_file_is_seen_by_them_and_their_units_staff_only(branch: Branch) -> None:
    body = {"service": "renewal", "metering_point": "PA01HH0000001", "channel": "web", "given": {"customer_name": "Nguyễn Thị A"}}
    number = branch.answer(branch.http.post("/api/v1/my/requests", json=body, headers=branch.customer))["number"]
    mine, theirs = f"/api/v1/my/requests/{number}/attachments", f"/api/v1/staff/requests/{number}/attachments"
    data = uploads.plain()
    kept = branch.answer(branch.http.post(mine, files={"file": ("../sổ hồng.pdf", data)}, headers=branch.customer))
    assert (kept["name"], kept["media"], kept["sha256"], kept["who"]) == (
        "sổ hồng.pdf",
        "application/pdf",
        f"0x{sha256(data).hexdigest()}",
        "customer",
    )
    assert [one["id"] for one in branch.answer(branch.http.get(theirs, headers=branch.staff))["items"]] == [kept["id"]]
    for path, headers in ((mine, branch.customer), (theirs, branch.staff)):
        given = branch.http.get(f"{path}/{kept['id']}", headers=headers)
        assert (given.content, given.headers["content-type"]) == (data, "application/pdf")
        assert given.headers["content-disposition"].startswith('attachment; filename="')
    assert branch.http.get(theirs, headers=branch.stranger).status_code == 404
    assert branch.http.get(f"{theirs}/{kept['id']}", headers=branch.stranger).status_code == 404
    assert branch.http.post(theirs, files={"file": ("a.pdf", data)}, headers=branch.stranger).status_code == 404
    for path in (mine, theirs, f"{mine}/{kept['id']}", f"{theirs}/{kept['id']}"):
        assert branch.http.get(path).status_code == 401
    foreign = branch.take()["number"]
    assert branch.http.get(f"/api/v1/my/requests/{foreign}/attachments/{kept['id']}", headers=branch.customer).status_code == 404
    assert branch.http.get(f"/api/v1/staff/requests/{foreign}/attachments/{kept['id']}", headers=branch.staff).status_code == 404
    elsewhere = {**branch.customer, "origin": "https://evil.example"}
    assert branch.http.post(mine, files={"file": ("a.pdf", data)}, headers=elsewhere).status_code == 403


def test_a_refused_file_says_why_and_the_request_is_as_it_was(branch: Branch) -> None:
    path = f"/api/v1/staff/requests/{branch.take()['number']}/attachments"
    for data, word, vi in (
        (uploads.locked(), "encrypted", "Tệp bị khoá bằng mật khẩu. Lưu lại không mật khẩu"),
        (uploads.appended(), "changed after", "Tệp đã bị sửa sau lần lưu đầu"),
        (b"MZ", "neither PDF", "Không phải PDF, JPEG hay PNG. Chụp ảnh"),
        (b"", "empty", "Tệp trống. Chọn lại tệp"),
    ):
        refused = branch.http.post(path, files={"file": ("a.pdf", data)}, headers=branch.staff)
        assert (refused.status_code, refused.json()["field"]) == (422, "file")
        assert word in refused.json()["detail"]
        assert refused.json()["vi"].startswith(vi)
        assert " · " not in refused.json()["fix"]
    assert branch.answer(branch.http.get(path, headers=branch.staff))["items"] == []


def test_on_the_page_photographs_are_given_several_at_once_and_all_or_none_are_kept(branch: Branch) -> None:
    body = {"service": "renewal", "metering_point": "PA01HH0000001", "channel": "web", "given": {"customer_name": "Nguyễn Thị A"}}
    number = branch.answer(branch.http.post("/api/v1/my/requests", json=body, headers=branch.customer))["number"]
    mine, theirs = f"/my/requests/{number}", f"/staff/requests/{number}"
    front, back = uploads.plain(), uploads.plain(lambda pdf: pdf.add_blank_page())
    given = [("file", ("mặt trước <1>.pdf", front)), ("file", ("mặt sau.pdf", b"MZ"))]
    refused = branch.http.post(f"{mine}/files", files=given, headers=branch.customer)
    assert (refused.status_code, "“mặt sau.pdf”: không phải PDF, JPEG hay PNG" in refused.text) == (422, True)
    assert "Chưa có tệp nào" in branch.http.get(mine, headers=branch.customer).text
    given[1] = ("file", ("mặt sau.pdf", back))
    assert branch.http.post(f"{mine}/files", files=given, headers=branch.customer).headers["location"] == f"{mine}#files"
    page = branch.http.get(mine, headers=branch.customer).text
    assert ("mặt trước &lt;1&gt;.pdf" in page, page.count("khách hàng gửi · from the customer")) == (True, 2)
    links = re.findall(rf'href="({mine}/files/0x[0-9a-f]{{64}})"', page)
    assert {branch.http.get(one, headers=branch.customer).content for one in links} == {front, back}
    assert branch.http.post(f"{theirs}/files", files={"file": ("a.pdf", front)}, headers=branch.staff).status_code == 303
    assert branch.http.get(theirs, headers=branch.staff).text.count(f'href="{theirs}/files/0x') == 2
    assert branch.http.post(f"{theirs}/files", files=given, headers=branch.stranger).status_code == 404
    assert branch.http.get(links[0].replace(mine, theirs), headers=branch.stranger).status_code == 404
    assert branch.http.post(f"{mine}/files", files=given).headers["location"] == "/sign-in"
    assert branch.http.get(links[0]).headers["location"] == f"/sign-in?to={links[0]}"
    assert branch.http.post(f"{mine}/files", files=given, headers={**branch.customer, "origin": "https://evil.example"}).status_code == 403
    unchosen = branch.http.post(f"{mine}/files", files={"file": ("", b"")}, headers=branch.customer | {"accept": "text/html"})
    assert (unchosen.status_code, "chưa chọn tệp" in unchosen.text.lower()) == (422, True)
