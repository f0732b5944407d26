"""How far a conversation can have come, as the lines that lead there."""

from tests.guided.game import Line

Stage = tuple[Line, ...]

BID: dict[str, Stage] = {"asked": ()}
BID["connected"] = (("influencer", "accept_connection"),)
BID["briefed"] = (*BID["connected"], ("brand_owner", "send_project_details", {"deliverables": "One reel of 30 s"}))
BID["pricing"] = (*BID["briefed"], ("influencer", "accept_project"))
BID["offered"] = (*BID["pricing"], ("brand_owner", "send_price_offer", {"price": "9000"}))
BID["negotiating"] = (*BID["offered"], ("influencer", "negotiate_price", {"price": "11500"}))
BID["final"] = (*BID["negotiating"], ("brand_owner", "send_final_offer", {"price": "9500"}))
BID["agreed"] = (*BID["offered"], ("influencer", "accept_price"))
BID["ordered"] = (*BID["agreed"], ("brand_owner", "proceed_to_payment"))
BID["working"] = (*BID["ordered"], ("payment.captured", {"payment_id": "p-1"}))
BID["submitted"] = (*BID["working"], ("influencer", "submit_work", {"work_notes": "Done"}))
BID["revising"] = (*BID["submitted"], ("brand_owner", "request_revision", {"notes": "Make it brighter, please"}))
BID["approved"] = (*BID["submitted"], ("brand_owner", "approve_work"))
BID["disputed"] = (*BID["submitted"], ("brand_owner", "report_problem", {"problem": "It is not what we agreed"}))
BID["free"] = (*BID["approved"], ("payout.succeeded",))

CAMPAIGN: dict[str, Stage] = {"asked": ()}
CAMPAIGN["connected"] = (("influencer", "accept_connection"),)
CAMPAIGN["briefed"] = (*CAMPAIGN["connected"], ("brand_owner", "send_project_details"))
CAMPAIGN["pricing"] = (*CAMPAIGN["briefed"], ("influencer", "accept_project"))
CAMPAIGN["offered"] = (*CAMPAIGN["pricing"], ("brand_owner", "send_price_offer", {"price": "9000"}))
CAMPAIGN["negotiating"] = (*CAMPAIGN["offered"], ("influencer", "negotiate_price", {"price": "11500"}))
CAMPAIGN["agreed"] = (*CAMPAIGN["offered"], ("influencer", "accept_price"))
CAMPAIGN["ordered"] = (*CAMPAIGN["agreed"], ("brand_owner", "proceed_to_payment"))
CAMPAIGN["working"] = (*CAMPAIGN["ordered"], ("payment.captured", {"payment_id": "p-1"}))
CAMPAIGN["submitted"] = (*CAMPAIGN["working"], ("influencer", "submit_work"))
CAMPAIGN["revising"] = (*CAMPAIGN["submitted"], ("brand_owner", "request_revision"))
CAMPAIGN["publishing"] = (*CAMPAIGN["submitted"], ("brand_owner", "approve_work"))
CAMPAIGN["published"] = (*CAMPAIGN["publishing"], ("influencer", "submit_post"))
CAMPAIGN["approved"] = (*CAMPAIGN["published"], ("brand_owner", "confirm_post"))
CAMPAIGN["disputed"] = (*CAMPAIGN["submitted"], ("influencer", "report_problem", {"problem": "Nobody answers me"}))
CAMPAIGN["free"] = (*CAMPAIGN["approved"], ("payout.succeeded",))

STAGES = {"bid": BID, "campaign": CAMPAIGN}
