// CloudFront function (viewer request): reads try the home Region, then the standby; writes go to
// the home Region alone, because CloudFront never repeats a write elsewhere.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html
import cf from 'cloudfront';

const READS = ['GET', 'HEAD', 'OPTIONS'];

function handler(event) {
    if (READS.includes(event.request.method)) {
        cf.createRequestOriginGroup({
            originIds: [{ originId: 'home' }, { originId: 'standby' }],
            failoverCriteria: { statusCodes: [500, 502, 503, 504] },
        });
    }
    return event.request;
}
