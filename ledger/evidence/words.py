"""Vietnamese and English for everything a verification can say, and the checks each kind of bundle plans."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, tuple[str, str]]

_COMMON = ("container", "format", "contracts", "block", "header", "accounts", "storage")
PLANS: Mapping[str, tuple[str, ...]] = {
    "agreement": (*_COMMON, "document", "record", "signatures", "signers", "nothing-spare"),
    "disclosure": (*_COMMON, "recorded", "terms", "nothing-spare"),
    "reading": (*_COMMON, "anchor", "reading-leaf", "meter", "status", "profile", "energy", "nothing-spare"),
    "trade": (
        *_COMMON,
        "clearing",
        "fill-leaf",
        "meter",
        "anchor",
        "reading-leaf",
        "same-reading",
        "commitment",
        "status",
        "balance",
        "price",
        "delivered",
        "nothing-spare",
    ),
    "log-entry": ("log-proof", "log-entry", "log-key", "witnesses", "log-anchor"),
    "position": (*_COMMON, "run", "position-leaf", "status", "conserved", "nothing-spare"),
}
"""What is always checked, by kind, in order; a silent meter's reading and a pool fill have checks of their own beside."""

ANSWERS: Words = {
    "authentic": ("XÁC THỰC", "AUTHENTIC"),
    "consistent, not anchored": ("NHẤT QUÁN, CHƯA NEO", "CONSISTENT, NOT ANCHORED"),
    "altered": ("ĐÃ BỊ SỬA", "ALTERED"),
    "unrecognised": ("KHÔNG NHẬN RA", "UNRECOGNISED"),
    "superseded": ("ĐÃ BỊ THAY THẾ", "SUPERSEDED"),
    "terminated": ("ĐÃ CHẤM DỨT", "TERMINATED"),
    "revoked": ("ĐÃ BỊ HUỶ", "REVOKED"),
    "rule broken": ("TRÁI QUY TẮC", "RULE BROKEN"),
}
SEAL_UNPROVEN = ("ĐÚNG TRÊN CHUỖI, CON DẤU CHƯA KIỂM TRA", "ON THE CHAIN, ITS SEAL NOT CHECKED")
"""Stands for “not anchored” where all that was not brought is the root, or whose seal it must be."""
KINDS: Words = {
    "agreement": ("Hợp đồng", "Agreement"),
    "disclosure": ("Một phần điều khoản của hợp đồng", "Some terms of an agreement"),
    "reading": ("Chỉ số đo", "Reading"),
    "trade": ("Phần khớp", "Trade line"),
    "position": ("Vị thế thanh toán", "Position"),
    "log-entry": ("Sự kiện trong nhật ký công khai", "Event in the transparency log"),
}
STATUSES: Words = {
    "in-force": ("đang có hiệu lực", "in force"),
    "not-yet-in-force": ("chưa có hiệu lực", "not yet in force"),
    "expired": ("đã hết hạn", "expired"),
    "superseded": ("đã bị thay thế", "superseded"),
    "terminated": ("đã chấm dứt", "terminated"),
    "revoked": ("đã bị huỷ", "revoked"),
    "sealed": ("đã niêm phong", "sealed"),
    "issued": ("đã phát hành", "issued"),
    "erased": ("đã xoá theo luật", "lawfully erased"),
    "current": ("bản mới nhất", "the newest version"),
    "final": ("không còn khiếu nại được", "final"),
    "open-to-challenge": ("còn trong thời gian khiếu nại", "still open to challenge"),
    "voided": ("kết quả khớp lệnh của chu kỳ đã bị huỷ", "its clearing was voided"),
}
NO_END = ("không thời hạn", "no end")
"""Of what is in force and does not end by itself."""
REMARKS: Words = {
    "attested": (
        "có bên đồng ý bằng mã dùng một lần do điện lực xác nhận, không phải bằng khoá riêng của khách hàng",
        "approved by one-time code, attested by the utility – not the customer's own key",
    ),
    "newer-readings": (
        "đã neo chỉ số đo mới hơn, còn đây theo chỉ số cũ",
        "newer readings are anchored, and this is of the older ones",
    ),
    "erased": ("điện lực đã xoá bản của mình theo luật", "the utility lawfully erased its own copy"),
    "unsettled": ("chưa được thanh toán bù trừ", "not settled yet"),
}
RESULTS: Words = {
    "passed": ("đạt", "passed"),
    "failed": ("HỎNG", "FAILED"),
    "not checked": ("không kiểm tra", "not checked"),
}
CHECKS: Words = {
    "container": ("Tệp bằng chứng nguyên vẹn, đúng một dạng", "The bundle's file is whole and in its one form"),
    "format": ("Nội dung đọc được, không có gì thừa", "Its content reads, with nothing beside it"),
    "same-document": ("Tệp đưa vào chính là tài liệu trong bằng chứng", "The file is the document in the bundle"),
    "contracts": ("Đúng các hợp đồng thông minh đã công bố", "The contracts are the published ones"),
    "block": ("Đúng khối mà người kiểm tra tin cậy", "The block is the one you trust"),
    "header": ("Tiêu đề khối đọc được, chứa gốc trạng thái", "The block's header reads and holds the state root"),
    "accounts": ("Các hợp đồng thông minh nằm trong trạng thái của khối", "The contracts are in the block's state"),
    "storage": ("Các ô nhớ được chứng minh từ khối", "Their storage slots are proven from the block"),
    "document": ("Tài liệu PDF nguyên vẹn: bản gốc, điều khoản, niêm phong", "The PDF is whole: base, terms, seal"),
    "record": ("Chuỗi ghi nhận đúng hợp đồng và đúng tệp này", "The chain records this agreement and this very file"),
    "recorded": ("Chuỗi ghi nhận hợp đồng này", "The chain records this agreement"),
    "terms": ("Các điều khoản được cho xem là điều khoản đã ký", "The terms shown are among those signed"),
    "signatures": ("Mọi bên đã ký đúng nội dung này", "Every party signed exactly this"),
    "attested": (
        "Bên không có khoá riêng đã đồng ý bằng mã dùng một lần: bên ký cuối (điện lực) xác nhận",
        "A party without a key approved by one-time code: the last signer, the utility, attests it",
    ),
    "signers": ("Người ký đại diện đúng bên", "The signers stood for their parties"),
    "anchor": ("Chuỗi đã neo các chỉ số của ngày", "The chain anchors the day's readings"),
    "reading-leaf": ("Chỉ số này dẫn tới gốc đã neo", "This reading leads to the anchored root"),
    "meter": ("Công tơ đã đăng ký đúng như vậy", "The meter is registered exactly so"),
    "profile": ("Công tơ đã ký biểu đồ phụ tải của ngày", "The meter signed its load profile of the day"),
    "silent": ("Công tơ không gửi gì, nên không có điện năng", "The meter sent nothing, so no energy is claimed"),
    "energy": ("Điện năng đúng như công tơ đã ký", "The energy is what the meter signed"),
    "clearing": ("Chuỗi giữ kết quả khớp lệnh của chu kỳ", "The chain holds the unit's clearing"),
    "fill-leaf": ("Phần khớp này dẫn tới kết quả khớp lệnh", "This line leads to the clearing"),
    "commitment": ("Lệnh đã được chốt trước giờ, đúng cơ chế", "Orders were fixed beforehand, for this mechanism"),
    "order": ("Lệnh đúng là lệnh chủ đã ký", "The order is the one its owner signed"),
    "order-leaf": ("Lệnh nằm trong số lệnh đã chốt", "The order is among those fixed"),
    "no-order": ("Phần mua bán với điện lực, không cần lệnh", "A leg with the utility, which needs no order"),
    "balance": ("Điện năng của chu kỳ cân bằng", "The unit's energy adds up"),
    "price": ("Đúng giá của chu kỳ", "The price is the unit's"),
    "same-reading": ("Chỉ số đo của chính công tơ và chu kỳ này", "The reading is of this meter, unit and version"),
    "agreement": ("Chuỗi ghi nhận hợp đồng của bên bán", "The chain records the seller's agreement"),
    "delivered": ("Không mua bán quá lượng đã đo", "No more is traded than was metered"),
    "may-sell": ("Hợp đồng của bên bán đang có hiệu lực", "The seller's agreement was in force"),
    "limit": ("Giữ đúng giới hạn giá và lượng của lệnh", "The order's limit is kept"),
    "run": ("Chuỗi giữ bản thanh toán bù trừ này", "The chain holds this settlement run"),
    "position-leaf": ("Vị thế này dẫn tới bản thanh toán bù trừ", "This position leads to the run"),
    "conserved": ("Tổng tiền vào bằng tổng tiền ra", "Money in equals money out"),
    "status": ("Tra được bản sau hoặc việc huỷ, nếu có", "Whether something later replaced or voided it is proven"),
    "cancellation": ("Tra được việc rút lệnh, nếu có", "Whether and when the order was cancelled is proven"),
    "present": ("Hiện trạng theo khối mới hơn của nút được hỏi", "Its present state is that of a newer block of the node asked"),
    "nothing-spare": ("Mọi bằng chứng đều được dùng, không có gì thừa", "Every proof was used; nothing is spare"),
    "revisions": ("Sau niêm phong chỉ có chữ ký, không trang nào bị đổi", "After the seal there are signatures only; no page was changed"),
    "seals": ("Chữ ký PAdES dẫn tới chứng thư gốc tin cậy", "The PAdES signatures lead to a root you trust"),
    "sealer": ("Con dấu của đúng đơn vị phải đóng", "The seal is of whom it must be"),
    "package": (
        "Phần còn lại của gói suy ra được từ tài liệu và bằng chứng",
        "The rest of the package follows from document and proofs",
    ),
    "approvals": (
        "Bằng chứng của mã dùng một lần nêu đúng tài liệu, bên ký này và mã còn hạn",
        "The evidence of one-time codes is of this document and party, of a code in its time",
    ),
    "issued-here": ("Chính tệp này đã được phát hành ở đây", "This very file was issued here"),
    "log-proof": ("Mục này nằm trong cây của điểm kiểm", "The entry is in the checkpoint's tree"),
    "log-entry": ("Mục nhật ký đúng một dạng", "The log's entry is in its one form"),
    "log-key": ("Điểm kiểm do khoá của nhật ký ký", "The checkpoint is signed by the log's key"),
    "witnesses": ("Nhân chứng mà người kiểm tra tin cậy đã ký cùng", "A witness you trust cosigned it"),
    "log-fresh": ("Điểm kiểm không cũ hơn điều đã biết", "The checkpoint is no older than what is known"),
    "log-anchor": ("Chuỗi giữ gốc của nhật ký ở kích thước này", "The chain holds the log's root at this size"),
    "known": ("Chuỗi có hợp đồng của tệp này", "The chain knows the agreement of this file"),
}
UNCHECKED: Words = {
    "meaning": ("Người đứng sau mã của mỗi bên là ai", "Who the people behind the parties' pseudonyms are"),
    "smart-accounts": (
        "Chữ ký không phải của ví là của một tài khoản hợp đồng thông minh, hay chẳng phải chữ ký: hỏi nút của chuỗi thì biết (--rpc). "
        "Chuỗi đã đòi chữ ký của đúng người ký khi ghi nhận, nhưng không giữ chữ ký đó để so với tệp",
        "Whether a signature that is no wallet's is a smart account's (ERC-1271), or none: a node of the chain can say (--rpc). "
        "The registry asked for a signature of that signer when it recorded the agreement, and kept none to compare the file's with",
    ),
    "hidden-terms": (
        "Các điều khoản còn lại nói gì, và có đúng bấy nhiêu không: một mã băm có thể che nhiều điều khoản",
        "What the hidden terms say, and whether there are more: one hash may hide several",
    ),
    "signatures-at-record": (
        "Chữ ký của các bên: hợp đồng thông minh đã kiểm tra khi ghi nhận",
        "The parties' signatures: the contract checked them when it recorded the agreement",
    ),
    "later-entries": ("Các sự kiện sau đó của tài liệu này", "What happened to this document afterwards"),
    "consent": (
        "Khách hàng có thật sự nhập mã không: hãy yêu cầu điện lực đưa bằng chứng có mã băm nêu ở trên",
        "Whether the customer really entered the code: ask the utility for the evidence whose digest is named above",
    ),
    "packaged-trust": (
        "Chứng thư gốc, khoá của nhật ký và địa chỉ hợp đồng thông minh trong gói có đúng không: đó là lời của điện lực, "
        "hãy lấy từ nơi công bố",
        "Whether the package's root certificate, log keys and contract addresses are the right ones: they are the utility's word, "
        "take them from where they are published",
    ),
    "instrument": ("Công tơ có đo đúng dòng điện không", "Whether the instrument measured the current rightly"),
    "other-lines": (
        "Tổng các phần khớp của công tơ trong chu kỳ bằng chỉ số đo",
        "That all lines of the meter in the unit add up to its reading",
    ),
    "better-orders": ("Không lệnh nào có giá tốt hơn bị bỏ qua", "That no better-priced order was passed over"),
    "newest-order": (
        "Lệnh mới nhất của chủ đã được dùng: có thể một lệnh mới hơn bị bỏ qua",
        "That the owner's newest order was used: a newer one may have been ignored",
    ),
    "lawful-prices": ("Giá công bố và giá bán lẻ đúng quy định", "That the published and the retail price are the lawful ones"),
    "signed-in-time": (
        "Lệnh được ký trước khi khoá ký của chủ hết hiệu lực",
        "That the order was signed before its signer ended",
    ),
    "sum-of-fills": ("Vị thế này bằng tổng các phần khớp của kỳ", "That the position is the sum of the period's trade lines"),
}
MOMENTS: Words = {
    "recorded-by": ("chuỗi đã có", "on the chain by"),
    "signed": ("ký", "signed"),
    "stamped": ("đóng dấu thời gian", "stamped"),
    "archived": ("đóng dấu lưu trữ", "archive stamp"),
    "logged": ("ghi nhật ký", "logged"),
    "cosigned": ("nhân chứng ký", "cosigned"),
}
SOURCES: Words = {
    "chain": ("chuỗi khối", "chain"),
    "time-stamp authority": ("tổ chức cấp dấu thời gian", "time-stamp authority"),
    "signer": ("đồng hồ của người ký, chưa được chứng minh", "the signer's own clock, unproven"),
    "log": ("đồng hồ của nhật ký", "the log's clock"),
    "witness": ("nhân chứng", "witness"),
}
