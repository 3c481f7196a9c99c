import base64, json, itertools, time
from tests.doors import whole_sale
from tests.doors.whole_sale import problem_in
from infra.api import api
from tests import dataset_makers, sales, makers
from django.test import Client

def ops():
    for p,ms in api.get_openapi_schema()["paths"].items():
        for m,o in ms.items(): yield m.upper(), p, o

def fill(p, ids):
    for k,v in ids.items(): p=p.replace("{%s}"%k, v[0])
    return p

REASON={"reason":"a reason that is long enough"}
def bodies(h):
    i={k:v[0] for k,v in h.ids.items()}
    T=list(sales.TERMS)
    return {
 "POST /api/v1/participants":{"name":"N","country":"FR"},
 "verify":{"country":"FR","evidence":"seen in the register","certifications":["dpf"]},
 "invitations":{"email":"a@example.org","role":"viewer"},
 "accept":{"token":"x"},
 "clients":{"name":"m","scopes":["read"]},
 "POST /api/v1/datasets":{**dataset_makers.FIELDS,"description":"x","keywords":["a"],"spatial":["FR"],"temporal_start":"2020-01-01","temporal_end":"2021-01-01","frequency":"daily"},
 "PATCH /api/v1/datasets/{dataset_id}":{**dataset_makers.FIELDS},
 "POST /api/v1/offers":{"dataset_id":i["dataset_id"],"title":"t","terms":T,"plan":dict(sales.PAID),"audience":{"participants":[str(h.buyer.participant_id)]},"sale":"validation"},
 "POST /api/v1/negotiations":{"offer_id":i["offer_id"],"purpose":"research","country":"DE","use":"x"*20},
 "counter":{"terms":T,"plan":dict(sales.PAID)},
 "tokens":{"asset":"cities.csv"},
 "declare":{**dataset_makers.PERSONAL,"columns":{"a":"none"}},
 "assets":{"name":"a.csv","media_type":"text/csv"},
 }
def body_for(h,m,p):
    b=bodies(h)
    k=f"{m} {p}"
    if k in b: return b[k]
    return b.get(p.rsplit("/",1)[1], REASON)

def paths(v, at=()):
    yield at
    if isinstance(v,dict):
        for k,x in v.items(): yield from paths(x, at+(k,))
    elif isinstance(v,list):
        for n,x in enumerate(v): yield from paths(x, at+(n,))
def put(v, at, new):
    if not at: return new
    v=json.loads(json.dumps(v))
    cur=v
    for k in at[:-1]: cur=cur[k]
    cur[at[-1]]=new
    return v
class Raw(str): pass
def nested(n): 
    x=[]
    for _ in range(n): x=[x]
    return x
EVIL={"null":None,"true":True,"int":7,"neg":-1,"float":1.5,"big":10**400,"2**63":2**63,"2**31":2**31,"nan":float("nan"),"inf":float("inf"),"str":"x","empty":"","nul":"a\x00b long enough text","sur":"a\ud800b long enough text","rtl":"a\u202eb long enough text","long":"x"*30000,"list":[],"dict":{},"lnul":["\x00"],"lsur":["\ud800"],"dsur":{"\ud800":"none"},"dnul":{"\x00":"none"},"nonchar":"\uffff long enough x","ls":"a\u2028b long enough text","emoji":"👩‍👩‍👧 long enough text", "kind":{"kind":"\ud800"},"deep":{"kind":"x","a":{"b":[[[{}]]]}}, "many":["a%d"%n for n in range(3000)], "zw":"\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b", "spaces": " "*40, "combining": "e"+"\u0301"*300, "int-date":0, "hugedate":"99999-01-01", "uuid": "00000000-0000-0000-0000-000000000000"}
def test_x(house):
    from django.db import transaction
    acts={"s":house.seller,"b":house.buyer,"o":house.officer,"p":house.operator}
    cl={k:house.http(a) for k,a in acts.items()}
    n=0
    import collections
    for m,p,o in ops():
        if "requestBody" not in o or "oauth" in p: continue
        good=body_for(house,m,p)
        path=fill(p,house.ids)
        who = "p" if any(x in p for x in ("verify","suspend","restore","close","settle")) and "entitle" not in p else "o" if "reviews" in p else "b" if any(x in p for x in ("POST /api/v1/negotiations","terminate","contest","tokens")) or p.endswith("/negotiations") else "s"
        c=cl[who]
        class RB(Exception): pass
        def send(tag,raw,ct="application/json"):
            nonlocal n; n+=1
            try:
                with transaction.atomic():
                    t=time.time()
                    a=c.generic(m,path,raw,content_type=ct)
                    dt=time.time()-t
                    if a.status_code>=500 or (a.status_code>=400 and not problem_in(a)): print("BAD",m,p,tag,a.status_code,a.content[:150])
                    if dt>0.5: print("SLOW",p,tag,dt)
                    if len(a.content)>20000 and a.status_code>=400: print("LARGE",p,tag,len(a.content))
                    if a.status_code<300 and tag not in("good",): print("OK",m,p,tag)
                    if tag=="good": print("GOOD",m,p,a.status_code,a.content[:100] if a.status_code>=400 else "")
                    raise RB
            except RB: pass
        send("good",json.dumps(good))
        for at in paths(good):
            for name,v in EVIL.items():
                send((at,name),json.dumps(put(good,at,v)))
            if at: 
                for d in list(range(880,1000,3))+[100,500]:
                    raw=json.dumps(put(good,at,"@@")).replace('"@@"',"["*d+"]"*d); send((at,"nest",d),raw)
                    raw=json.dumps(put(good,at,"@@")).replace('"@@"','{"kind":'*d+"1"+"}"*d); send((at,"dnest",d),raw)
                send((at,"int5000"),json.dumps(put(good,at,"@@")).replace('"@@"',"1"*5000))
                send((at,"1e999"),json.dumps(put(good,at,"@@")).replace('"@@"',"1e999"))
        for tag,raw in {"empty":b"","junk":b"{","nonutf":b"\xff\xfe\xfa","nul":b"\x00","deep":b"["*100000,"deep2":b'{"a":'*100000,"null":b"null","str":b'"x"',"num":b"1","list":b"[]","1MB":b'{"a":"'+b"x"*1_100_000+b'"}',"manykeys":json.dumps({f"k{n}":1 for n in range(50000)}).encode(),"utf16":json.dumps(good).encode("utf-16"),"utf8sur":b'{"\xed\xa0\x80":"\xed\xa0\x80"}'}.items():
            send((tag,),raw)
        if isinstance(good,dict): send("extra",json.dumps({**good,"x":1}))
        send("ctform",json.dumps(good),"application/x-www-form-urlencoded"); send("ctmulti",json.dumps(good),"multipart/form-data; boundary=x"); send("ctnone",json.dumps(good),"")
        send("cslatin",json.dumps(good),"application/json; charset=nonsense")
    print("requests",n)
